// Before anything is painted, so that a dark room stays dark.
(() => {
  const theme = localStorage.getItem("tocsin.theme");
  if (theme) document.documentElement.dataset.theme = theme;
})();
