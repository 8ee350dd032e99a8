declare module "virtual:examples" {
  const examples: import("./model/example").Example[];
  export default examples;
}
declare module "virtual:starter" {
  /** What the page shows at first: the bad example of one control. */
  const starter: import("./model/example").Example;
  export default starter;
}
declare module "virtual:schemas" {
  /** Names of settings with the words of the configuration's schema for each. */
  const schemas: {
    profiles: { value: string; description: string }[];
    failOn: { value: string; description: string }[];
    modes: { value: string; description: string }[];
  };
  export default schemas;
}
