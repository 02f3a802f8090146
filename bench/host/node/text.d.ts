// The build embeds these files as text.
declare module "*.py" {
  const text: string;
  export default text;
}

declare module "*.c" {
  const text: string;
  export default text;
}
