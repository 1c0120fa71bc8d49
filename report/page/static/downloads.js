"use strict";
// Tables as CSV, a part of the page as a picture: made here, sent nowhere.
(() => {
  const root = document.documentElement, all = (query, from) => [...from.querySelectorAll(query)];
  const download = (blob, name) => { const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name }); link.click(); setTimeout(() => URL.revokeObjectURL(link.href), 1e3); };
  // A text that begins like a formula would be one in a spreadsheet.
  const field = (cell) => {
    const number = cell.querySelector("data")?.value, text = cell.querySelector("a[rel]")?.href ?? cell.textContent;
    return `"${(number ?? text.replace(/^(?=[=+\-@\t\r\n＝＋－＠])/, "'")).replaceAll('"', '""')}"`;
  };
  const save = (button) => {
    const rows = all("tr", button.parentElement).map((row) => [...row.cells].map(field).join(","));
    download(new Blob(["\ufeff", rows.join("\r\n")], { type: "text/csv" }), `${button.closest(".block").id}.csv`);
  };
  const paint = async (part, name) => {
    const { width, height } = part.getBoundingClientRect(), copy = part.cloneNode(true);
    Object.assign(copy.style, { margin: 0, borderRadius: 0 });
    all("button, script, template, details", copy).forEach((each) => each.remove());
    const body = `<body xmlns="http://www.w3.org/1999/xhtml" style="margin:0">${new XMLSerializer().serializeToString(copy)}</body>`;
    const style = `<style>${document.querySelector("style").textContent.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</style>`;
    const html = `<html xmlns="http://www.w3.org/1999/xhtml" data-theme="${root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")}">${style}${body}</html>`;
    const picture = new Image();
    picture.src = `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><foreignObject width="100%" height="100%">${html}</foreignObject></svg>`)}`;
    await picture.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: width * 2, height: height * 2 }), pen = canvas.getContext("2d");
    pen.fillStyle = getComputedStyle(root).getPropertyValue("--paper"); pen.fillRect(0, 0, width * 2, height * 2); pen.scale(2, 2); pen.drawImage(picture, 0, 0);
    canvas.toBlob((blob) => download(blob, `${name}.png`));
  };
  document.addEventListener("click", ({ target }) => {
    if (target.matches("button.csv")) save(target);
    if (target.matches("button.picture")) paint(target.closest(".block").querySelector(".card"), target.closest(".block").id);
  });
})();
