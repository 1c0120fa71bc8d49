"use strict";
// Light, dark and paper.
(() => {
  const { dataset } = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  const redraw = (places = null) => document.dispatchEvent(new CustomEvent("redraw", { detail: places }));
  document.getElementById("theme").addEventListener("click", () => {
    dataset.theme = (dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark" ? "light" : "dark";
    redraw();
  });
  dark.addEventListener("change", () => redraw());

  // A printed page is light, and all of its charts are drawn, as wide as the paper is.
  let chosen;
  addEventListener("beforeprint", () => {
    chosen = dataset.theme;
    Object.assign(dataset, { theme: "light", paper: "yes" });
    redraw([...document.querySelectorAll(".chart")].filter((place) => place.offsetWidth));
  });
  addEventListener("afterprint", () => {
    delete dataset.paper;
    if (chosen) dataset.theme = chosen; else delete dataset.theme;
    redraw();
  });
})();
