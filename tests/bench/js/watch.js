// What the bench wants to know of a page of the console, seen from within it: when its parts were
// painted, which frames were late, and which events it showed.
(() => {
  const PARTS = {
    list: '[role="listbox"][aria-label^="Events"], [role="listbox"][aria-label^="Alerts"]',
    facets: '[role="group"][aria-label="Filters"]',
    chart: '[role="application"]',
  };
  const LATE = 100;
  const SAMPLE = 250;
  const NUMBER = /No\. (\d+)/;

  const bench = { acted: 0, paints: [], frames: 0, late: 0, longest: 0, tasks: [], gaps: 0, samples: [] };
  window.bench = bench;

  function changed(records) {
    const parts = new Set();
    for (const { target, addedNodes, attributeName } of records) {
      const element = target instanceof Element ? target : target.parentElement;
      // Ages grow by themselves.
      if (!element || element.closest("time")) continue;
      for (const [part, selector] of Object.entries(PARTS)) {
        const isNew = [...addedNodes].some(
          (node) => node instanceof Element && (node.matches(selector) || node.querySelector(selector)),
        );
        if (isNew || element.closest(selector)) parts.add(part);
        // The chart says its total in its label, whatever else is drawn into it later.
        if (part === "chart" && (isNew || (attributeName && element.matches(selector)))) parts.add("total");
      }
    }
    if (!parts.size) return;
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => {
        for (const part of parts) bench.paints.push({ part, at: performance.now() });
      };
      painted.port2.postMessage(null);
    });
  }

  const observer = new MutationObserver(changed);
  observer.observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ["aria-label"],
  });
  for (const kind of ["click", "keydown", "change"]) {
    addEventListener(kind, (event) => (bench.acted = event.timeStamp), { capture: true });
  }

  bench.begin = () => {
    bench.acted = 0;
    bench.paints = [];
  };

  let paused = false;
  let pausedAt = 0;
  let resumedAt = 0;

  /** Leaves out what the bench itself holds the page up with. */
  bench.pause = (isPaused) => {
    paused = isPaused;
    if (isPaused) pausedAt = performance.now();
    else resumedAt = performance.now();
  };

  const numbers = () =>
    [...document.querySelectorAll(PARTS.list)]
      .flatMap((list) => [...list.querySelectorAll('[role="option"]')])
      .map((row) => Number(NUMBER.exec(row.textContent)?.[1] ?? -1))
      .filter((number) => number >= 0);

  const gapsIn = (shown) => shown.filter((number, place) => place && shown[place - 1] - number !== 1).length;

  /** Counts late frames and long tasks from now on, and looks again and again at what is shown. */
  bench.follow = () => {
    observer.disconnect();
    let before = 0;
    requestAnimationFrame(function frame(now) {
      if (before && !paused) {
        const took = now - before;
        bench.frames++;
        bench.late += took > LATE;
        bench.longest = Math.max(bench.longest, took);
      }
      before = paused ? 0 : now;
      requestAnimationFrame(frame);
    });
    new PerformanceObserver((found) => {
      for (const { startTime, duration } of found.getEntries()) {
        if (startTime > resumedAt || startTime + duration < pausedAt) bench.tasks.push(duration);
      }
    }).observe({ type: "longtask" });
    setInterval(() => {
      const shown = numbers();
      bench.gaps += gapsIn(shown);
      if (shown.length) bench.samples.push([Date.now(), shown[0]]);
    }, SAMPLE);
  };

  /** Goes down the list, and gives the numbers that are shown on the way, each once. */
  bench.walk = async (wanted) => {
    const list = document.querySelector(PARTS.list);
    const shown = new Set(numbers());
    for (let top = 0; shown.size < wanted && top < list.scrollHeight; top += list.clientHeight) {
      list.scrollTop = top;
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const number of numbers()) shown.add(number);
    }
    return [...shown].sort((a, b) => b - a);
  };
})();
