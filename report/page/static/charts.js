"use strict";
// Draws the charts from their options, in the colours of the page; opens the list behind a mark.
(() => {
  const root = document.documentElement, all = (query, from = document) => [...from.querySelectorAll(query)];
  const byId = (id) => document.getElementById(id);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const plain = new Intl.NumberFormat("en");
  const minutes = (value) => {
    const whole = Math.round(value), hours = Math.floor(whole / 60);
    return hours ? (hours >= 10 ? `${plain.format(Math.round(value / 60))} h` : `${hours} h${whole % 60 ? ` ${whole % 60} min` : ""}`) : `${whole} min`;
  };
  const formatters = {
    minutes, count: (value) => plain.format(value),
    percent: (value) => `${(100 * value).toFixed(Math.abs(value) < 0.0995 && value ? 1 : 0)}%`,
    hour: (value) => `${value}:00`, number: (value) => plain.format(Math.round(value * 100) / 100).replace("-", "−"), tip: (mark) => mark.data.tip ?? mark.name,
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
      place.dispatchEvent(new CustomEvent("mark", { bubbles: true, detail: { data, name } }));
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
  // Whoever puts a part of the page into its place, or takes it away, says so.
  document.addEventListener("comes", ({ target }) => prepare(target));
  document.addEventListener("leaves", ({ target }) => all(".chart", target).forEach((place) => { watch.unobserve(place); sizes.unobserve(place); chartAt(place)?.dispose(); }));
  document.addEventListener("toggle", ({ target }) => all(".chart", target).forEach((place) => chartAt(place)?.resize()), true);
  // Asked for by what changes the looks: with places, those are drawn, seen before or not.
  document.addEventListener("redraw", ({ detail }) => { look = theme(); (detail ?? all(".chart").filter((place) => chartAt(place))).forEach(draw); });
  prepare(document);
})();
