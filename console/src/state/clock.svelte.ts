/** What time it is, to the second, for ages that grow while one looks at them. */
class Clock {
  now = $state(Date.now());

  constructor() {
    setInterval(() => {
      if (document.visibilityState === "visible") this.now = Date.now();
    }, 1_000);
  }
}

export const clock = new Clock();
