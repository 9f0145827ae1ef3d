// Makes the editor live with a Content-Security-Policy that allows no inline style. Imported before everything else.
//
// Monaco adds <style> elements: each gets the number that the page came with. And it writes HTML with style="…", which
// no number can allow: the values are set on the elements afterwards, as a script may.
import { setNonce } from "get-nonce";

const nonce = document.querySelector("meta[property=csp-nonce]")?.nonce ?? "";
setNonce(nonce);

const createElement = Document.prototype.createElement;
Document.prototype.createElement = function (name, options) {
  const element = createElement.call(this, name, options);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
};

// Only inside of tags: in texts, "<" is escaped.
const INLINE = /(<[a-z]+(?:\s+[\w-]+="[^"]*")*)\s+style="/gi;
const set = (html) => String(html).replace(INLINE, '$1 data-style="');

function dress(root) {
  for (const element of root?.querySelectorAll("[data-style]") ?? []) {
    element.style.cssText = element.dataset.style;
    element.removeAttribute("data-style");
  }
}

const innerHTML = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML");
Object.defineProperty(Element.prototype, "innerHTML", {
  ...innerHTML,
  set(html) {
    innerHTML.set.call(this, set(html));
    dress(this);
  },
});

const insertAdjacentHTML = Element.prototype.insertAdjacentHTML;
Element.prototype.insertAdjacentHTML = function (where, html) {
  insertAdjacentHTML.call(this, where, set(html));
  dress(this.parentNode ?? this);
};

const setAttribute = Element.prototype.setAttribute;
Element.prototype.setAttribute = function (name, value) {
  if (name === "style") this.style.cssText = value;
  else setAttribute.call(this, name, value);
};
