"use strict";
(() => {
  const root = document.documentElement, all = (query, from = document) => [...from.querySelectorAll(query)];
  const byId = (id) => document.getElementById(id);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const plain = new Intl.NumberFormat("en");
  const minutes = (value) => {
    const whole = Math.round(value), hours = Math.floor(whole / 60);
    return hours ? (hours >= 10 ? `${plain.format(Math.round(value / 60))} h` : `${hours} h ${whole % 60} min`) : `${whole} min`;
  };
  const formatters = {
    minutes, count: (value) => plain.format(value),
    percent: (value) => `${(100 * value).toFixed(Math.abs(value) < 0.0995 && value ? 1 : 0)}%`,
    hour: (value) => `${value}:00`, number: (value) => plain.format(Math.round(value * 100) / 100), tip: (mark) => mark.data.tip ?? mark.name,
  };
  const colour = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();

  // Names stand for what JSON cannot hold: functions, and colours of the theme.
  const filled = (value) => {
    if (Array.isArray(value)) return value.map(filled);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each)]));
    if (typeof value !== "string") return value;
    if (value.startsWith("format:")) {
      const format = formatters[value.slice(7)];
      return (given) => (given == null || Number.isNaN(given) ? "–" : format(given));
    }
    return value.startsWith("color:") ? colour(value.slice(6)) : value;
  };

  const theme = () => {
    const soft = { color: colour("soft") };
    const axis = { axisLine: { lineStyle: { color: colour("line") } }, axisTick: { show: false }, axisLabel: soft,
      nameTextStyle: soft, splitLine: { lineStyle: { color: colour("line") } } };
    return { color: [1, 2, 3, 4, 5, 6, 7].map((n) => colour(`c${n}`)), backgroundColor: "transparent",
      textStyle: { color: colour("ink"), fontFamily: getComputedStyle(document.body).fontFamily }, legend: { textStyle: soft },
      tooltip: { renderMode: "richText", backgroundColor: colour("card"), borderColor: colour("line"), textStyle: { color: colour("ink") }, confine: true },
      categoryAxis: axis, valueAxis: axis, timeAxis: axis, logAxis: axis,
      visualMap: { textStyle: soft, inRange: { color: [colour("low"), colour("accent")] } },
    };
  };
  const chartAt = (place) => echarts.getInstanceByDom(place);
  let look = theme();
  const draw = (place) => {
    const option = place.nextElementSibling;
    if (!option?.matches("script.option")) return;
    chartAt(place)?.dispose();
    const chart = echarts.init(place, look, { renderer: "svg" });
    chart.setOption({ animation: !calm.matches && !root.dataset.paper, animationDuration: 300, ...filled(JSON.parse(option.textContent)) });
    chart.on("click", ({ data, name }) => {
      if (data?.link) open(data.link, "_blank", "noreferrer");
      if (data?.behind) show(data.title ?? name, data.behind);
    });
  };
  const show = (title, lines) => {
    const box = byId("behind");
    box.querySelector("h2").textContent = title;
    box.querySelector("ul").replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line, dir: "auto" })));
    box.showModal();
  };
  // Charts are drawn when they come into sight.
  const watch = new IntersectionObserver((seen) => seen.filter((each) => each.isIntersecting).forEach((each) => { watch.unobserve(each.target); draw(each.target); }), { rootMargin: "200px" });
  const sizes = new ResizeObserver((changed) => changed.forEach((each) => chartAt(each.target)?.resize()));
  const prepare = (from) => {
    all(".chart", from).forEach((place) => { watch.observe(place); sizes.observe(place); });
    all("button[hidden]", from).forEach((button) => { button.hidden = false; });
  };

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
    all(".chart", shown).forEach((place) => { watch.unobserve(place); sizes.unobserve(place); chartAt(place)?.dispose(); });
    shown.innerHTML = choices[key];
    shown.dataset.key = key;
    prepare(shown);
  });
  const choose = () => {
    state.period = period.value;
    state.measure = measures.find((each) => each.checked).value;
    history.replaceState(null, "", `#${new URLSearchParams({ period: state.period, measure: state.measure })}`);
    update();
  };
  document.addEventListener("change", choose);
  document.addEventListener("toggle", ({ target }) => all(".chart", target).forEach((place) => chartAt(place)?.resize()), true);
  // Asked for by what changes the looks: with places, those are drawn, seen before or not.
  document.addEventListener("redraw", ({ detail }) => { look = theme(); (detail ?? all(".chart").filter((place) => chartAt(place))).forEach(draw); });

  document.querySelector(".choices").hidden = false;
  if ([...period.options].some((each) => each.value === state.period)) period.value = state.period;
  measures.forEach((each) => { each.checked = each.value === (state.measure ?? "plays"); });
  state.period = period.value;
  state.measure = measures.find((each) => each.checked)?.value ?? "plays";
  prepare(document);
  unpacked(byId("views").textContent).then((found) => { views = found; update(); });
})();
