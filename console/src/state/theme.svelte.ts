/** Light or dark: as the system has it, or by choice, kept in this browser. */
const STORED = "tocsin.theme";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

class Appearance {
  theme: Theme = $state(themes.find((each) => each === localStorage.getItem(STORED)) ?? "system");

  /** Chooses, for now and for the next time. */
  choose(theme: Theme): void {
    this.theme = theme;
    if (theme === "system") {
      localStorage.removeItem(STORED);
      delete document.documentElement.dataset["theme"];
    } else {
      localStorage.setItem(STORED, theme);
      document.documentElement.dataset["theme"] = theme;
    }
  }
}

export const appearance = new Appearance();
