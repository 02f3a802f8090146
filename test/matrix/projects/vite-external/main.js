import "../external.mjs";
