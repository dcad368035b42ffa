/** Every text that the console shows, in English, in one place. */
export const texts = {
  name: "Tocsin",
  skip: "To the content",
  loading: "Loading …",
  retry: "Try again",
  logIn: {
    title: "Log in to Tocsin",
    name: "Name",
    password: "Password",
    submit: "Log in",
    ended: "The session has ended. Log in to go on where you were.",
  },
  account: { logOut: "Log out", role: (name: string) => `role ${name}` },
  theme: { label: "Colours", system: "as the system", light: "light", dark: "dark" },
  navigation: "Pages",
  pages: { overview: "Overview" },
  failure: { unreachable: "Tocsin cannot be reached.", unknown: "Something went wrong." },
  severity: {
    critical: "critical",
    error: "error",
    warning: "warning",
    info: "info",
    none: "none",
    not_available: "not available",
  } as Record<string, string>,
  overview: {
    open: (count: number) => (count === 1 ? "1 problem is open" : `${count} problems are open`),
    none: "No problems now.",
  },
};
