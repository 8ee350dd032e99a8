// The browsers that the site is built for: the first ones with `light-dark()`, which must not be written in other terms,
// since the page's switch could not reach it then.
export const BROWSERS = ["chrome123", "edge123", "firefox120", "safari17.5"];
