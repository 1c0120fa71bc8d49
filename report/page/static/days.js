"use strict";
// Opens what lies behind a cell of a calendar: a day's most played tracks, a week's days.
(() => {
  const packed = document.getElementById("days"), box = document.getElementById("behind");
  if (!packed) return;
  document.querySelector("#calendar .note").append(" Click on a cell to see what was heard.");
  let known;
  const unpacked = () => {
    const bytes = Uint8Array.from(atob(packed.textContent), (each) => each.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  };
  const later = (day, days) => new Date(Date.parse(day) + days * 864e5).toISOString().slice(0, 10);
  const show = (title, lines) => {
    box.querySelector("h2").textContent = title;
    box.querySelector("ul").replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line, dir: "auto" })));
    box.showModal();
  };
  document.addEventListener("mark", async ({ detail: { data, name } }) => {
    const week = data?.begins, day = week ?? (Array.isArray(data) && data[0]);
    if (typeof day !== "string") return;
    known ??= await unpacked();
    const { tracks, days } = known;
    if (week) {
      const ofWeek = [0, 1, 2, 3, 4, 5, 6].map((n) => days[later(week, n)]).filter((each) => each && each[0].slice(-4) === week.slice(0, 4));
      show(name, ofWeek.map(([title, heard]) => `${title}: ${heard}`));
    } else if (days[day]) {
      const [title, heard, ...places] = days[day];
      show(`${title}: ${heard}`, places.map(([track, plays]) => `${tracks[track]} · ${plays} ${plays > 1 ? "plays" : "play"}`));
    }
  });
})();
