"use strict";
// The choice of a period and a measure, kept in the address; views lie compressed in the page.
(() => {
  const all = (query) => [...document.querySelectorAll(query)], byId = (id) => document.getElementById(id);
  const state = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const period = byId("period"), measures = all('input[name="measure"]');
  let views = {};
  const unpacked = async (text) => {
    const bytes = Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  };
  const update = () => Object.entries(views).forEach(([id, choices]) => {
    const shown = byId(id).querySelector(".view");
    const key = [state.period, "*"].flatMap((period) => [`${period} ${state.measure}`, `${period} *`]).find((each) => each in choices);
    if (!key || key === shown.dataset.key) return;
    shown.dispatchEvent(new CustomEvent("leaves", { bubbles: true }));
    shown.innerHTML = choices[key];
    shown.dataset.key = key;
    shown.dispatchEvent(new CustomEvent("comes", { bubbles: true }));
  });
  const choose = () => {
    state.period = period.value;
    state.measure = measures.find((each) => each.checked).value;
    history.replaceState(null, "", `#${new URLSearchParams({ period: state.period, measure: state.measure })}`);
    update();
  };
  document.addEventListener("change", choose);
  document.querySelector(".choices").hidden = false;
  if ([...period.options].some((each) => each.value === state.period)) period.value = state.period;
  measures.forEach((each) => { each.checked = each.value === (state.measure ?? "plays"); });
  state.period = period.value;
  state.measure = measures.find((each) => each.checked)?.value ?? "plays";
  unpacked(byId("views").textContent).then((found) => { views = found; update(); });
})();
