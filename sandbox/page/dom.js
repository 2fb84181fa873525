// Small help with elements.

export const $ = (id) => document.getElementById(id);

// el("button.quiet", {type: "button", onclick}, "Words", child …)
export function el(what, options = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && name !== "list") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

let fading = 0;
export function toast(words) {
  const node = $("toast");
  node.textContent = words;
  node.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => (node.hidden = true), Math.max(2500, words.length * 60));
}

export function alertBox(words) {
  const box = $("alert");
  box.querySelector("p").textContent = words;
  box.showModal();
}

export const say = (words) => ($("news").textContent = words);

// Puts `items` into `parent` in order; an element is made anew only when its signature changed.
export function keep(parent, items, keyOf, make) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let at = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    const signature = JSON.stringify(item);
    let node = old.get(key);
    old.delete(key);
    if (!node || node.signature !== signature) {
      const fresh = make(item, node);
      fresh.dataset.key = key;
      fresh.signature = signature;
      if (node) {
        if (at === node) at = fresh;
        const held = node.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
        node.replaceWith(fresh);
        if (held) fresh.querySelector(`[data-focus="${held}"]`)?.focus({ preventScroll: true });
      }
      node = fresh;
    }
    if (at === node) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  for (const node of old.values()) node.remove();
}
