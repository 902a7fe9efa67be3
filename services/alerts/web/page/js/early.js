/* Runs before the first paint, so that nobody sees the wrong colours or language flash by. */
(() => {
  try {
    const theme = localStorage.getItem("tocsin.theme");
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
    const kept = localStorage.getItem("tocsin.language") ?? navigator.language;
    if (kept.toLowerCase().startsWith("zh")) document.documentElement.lang = "zh-CN";
  } catch {
    // Without storage the system's colours and the page's own language stand.
  }
})();
