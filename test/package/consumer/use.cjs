// .ci/run runs this where only the packed package is installed.
import("blasm").then(async ({ init }) => {
  const la = await init();
  console.log(la.eye(2).toString());
});
