/** The kinds of systems that device files are kept on; every browser is `web`. */
export type SystemName = "android" | "linux" | "macos" | "windows" | "web";
