"use strict";
// What an application has beside the report: a span from two dates, uploads, the lines of a run.
(() => {
  const base = document.body.dataset.base;
  const all = (query, from = document) => [...from.querySelectorAll(query)];

  // The choices are a form of addresses: two dates become one span, and every change shows it.
  const choose = document.querySelector("form.choose");
  choose?.addEventListener("change", () => {
    const [first, last] = all("input[data-span]", choose).map((each) => each.value);
    if (first && last) {
      const period = choose.elements.period;
      period.add(new Option(`${first}..${last}`, `${first}..${last}`, true, true));
    } else if (first || last) return;
    choose.requestSubmit();
  });

  // Tables sort by a click on a heading, by exact values where there are some.
  const value = (cell) => { const exact = cell?.querySelector("data")?.value ?? cell?.textContent.trim() ?? ""; return exact !== "" && !Number.isNaN(Number(exact)) ? Number(exact) : exact; };
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  const sort = (heading) => {
    const body = heading.closest("table").tBodies[0], place = heading.cellIndex;
    const isUp = heading.ariaSort === "descending";
    all("th", heading.parentElement).forEach((each) => each.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", isUp ? "ascending" : "descending");
    const rows = [...body.rows].sort((a, b) => compare(value(a.cells[place]), value(b.cells[place])) * (isUp ? 1 : -1));
    body.append(...rows);
  };
  const makeSortable = (from) => all("table:not([data-sorted]) th[scope=col]", from).filter((each) => each.textContent && !each.querySelector("a, button")).forEach((heading) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: heading.textContent });
    button.addEventListener("click", () => sort(heading));
    heading.replaceChildren(button);
  });
  makeSortable(document);

  // A mark of a chart leads to its page.
  document.addEventListener("mark", ({ detail: { data } }) => {
    if (!data?.page) return;
    const to = new URL(`${base}/${data.page}`, location.href);
    new URLSearchParams(document.body.dataset.query).forEach((each, name) => { if (!to.searchParams.has(name)) to.searchParams.set(name, each); });
    location.href = to;
  });

  const form = document.getElementById("upload");
  const say = (text) => { form.querySelector("[role=status]").textContent = text; };
  const send = (file) => {
    if (!file) return;
    if (file.size > Number(form.dataset.max)) { say(`${file.name} is too large: no export is.`); return; }
    const bar = form.querySelector("progress"), request = new XMLHttpRequest();
    bar.hidden = false;
    request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = loaded / total; });
    request.addEventListener("load", () => {
      const answer = JSON.parse(request.responseText || "{}");
      if (request.status < 300) location.href = `${base}/data/runs/${answer.run_id}`;
      else { bar.hidden = true; say(answer.detail ?? "The upload failed."); }
    });
    request.addEventListener("error", () => { bar.hidden = true; say("The upload was cut off: try again."); });
    say(`Sending ${file.name} …`);
    request.open("POST", `${form.dataset.to}?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", "application/zip");
    request.send(file);
  };
  if (form) {
    form.querySelector("input").addEventListener("change", ({ target }) => send(target.files[0]));
    form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
    form.addEventListener("dragleave", () => form.classList.remove("over"));
    form.addEventListener("drop", (event) => { event.preventDefault(); form.classList.remove("over"); send(event.dataTransfer.files[0]); });
  }

  // The lines of a run, as they come.
  const log = document.querySelector("pre[data-events]");
  if (log) {
    const events = new EventSource(log.dataset.events);
    events.addEventListener("line", ({ data }) => { log.append(`${data}\n`); log.scrollTop = log.scrollHeight; });
    events.addEventListener("end", () => { events.close(); location.reload(); });
  }
})();
