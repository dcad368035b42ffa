/** Does something now, and again from time to time while the page is seen; gives what ends it. */
export function again(look: () => void, often: number): () => void {
  look();
  const timer = setInterval(() => document.visibilityState === "visible" && look(), often);
  return () => clearInterval(timer);
}
