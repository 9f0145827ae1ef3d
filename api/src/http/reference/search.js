"use strict";
// Leaves what a word stands in, in the contents and on the page.
const field = document.getElementById("find");
const parts = [...document.querySelectorAll("main section")].map((part) => [part, part.textContent.toLowerCase()]);
const links = [...document.querySelectorAll("nav li")];
const none = document.getElementById("none");

function find() {
  const words = field.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const shown = new Set();
  for (const [part, text] of parts) {
    part.hidden = !words.every((word) => text.includes(word));
    if (!part.hidden) shown.add(part.id);
  }
  for (const link of links) link.hidden = !shown.has(decodeURIComponent(link.firstElementChild.hash.slice(1)));
  none.hidden = shown.size > 0;
}

field.parentElement.hidden = false;
field.addEventListener("input", find);
// Where a link leads to what is not shown now, all is shown again.
addEventListener("hashchange", () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target?.closest("[hidden]")) return;
  field.value = "";
  find();
  target.scrollIntoView();
});
