const blasm = require("blasm");
const { main } = require("./suite/program.mjs");

main(blasm);
