// Draws Slack's blocks, and reads back what was put into them.

import { el, icon } from "./dom.js";

// `act(block, element, value)` is called for what is sent at once; `values` and `errors` are those
// of a view.
export function drawBlocks(blocks, { act, values = {}, errors = {} }) {
  const at = { act, values, errors };
  return blocks.map((block) => (draw[block.type] || unknown)(block, at));
}

// What stands in the inputs below `root`: {block: {action: value}}.
export function readValues(root) {
  const found = {};
  for (const node of root.querySelectorAll("[data-holds]")) {
    (found[node.dataset.block] ||= {})[node.dataset.action] = node.read();
  }
  return found;
}

const textNode = (what, text) => el(what, { innerHTML: text?.html ?? "", dir: "auto" });

const pictureUrl = (thing) => {
  if (thing.slack_file?.id) return `/__sandbox/slack/files/${thing.slack_file.id}`;
  return `/__sandbox/slack/picture?url=${encodeURIComponent(thing.image_url || thing.slack_file?.url || "")}`;
};
const picture = (thing) => el("img", { src: pictureUrl(thing), alt: thing.alt_text, loading: "lazy" });

const unknown = (block) => el("p.b-unknown", {}, `(a block of type ${block.type})`);

const draw = {
  section(block, at) {
    const fields = (block.fields || []).map((one) => textNode("div", one));
    return el(
      "div.b-section",
      {},
      el("div", {}, block.text && textNode("div.b-text", block.text), fields.length > 0 && el("div.b-fields", {}, ...fields)),
      block.accessory && element(block, block.accessory, at),
    );
  },
  header: (block) => textNode("h4.b-header", block.text),
  divider: () => el("hr"),
  image: (block) => el("figure.b-image", {}, block.title && textNode("figcaption", block.title), picture(block)),
  context: (block) => el("div.b-context", {}, ...block.elements.map((one) => (one.type === "image" ? picture(one) : textNode("span", one)))),
  actions: (block, at) => el("div.b-actions", { role: "group", "aria-label": "Buttons" }, ...block.elements.map((one) => element(block, one, at))),
  markdown: (block) => el("div.b-text", { innerHTML: block.html }),
  rich_text: (block) => el("div.b-text", { innerHTML: block.html, dir: "auto" }),
  alert: (block) => el(`p.b-alert.${block.level || "default"}`, { role: "note", innerHTML: block.text.html }),
  card: (block, at) => card(block, block, at),
  carousel: (block, at) => el("div.b-carousel", { tabIndex: 0, role: "group", "aria-label": "Cards" }, ...block.elements.map((one) => card(block, one, at))),
  input(block, at) {
    const error = at.errors[block.block_id];
    const id = `in-${block.block_id}`;
    const held = element(block, block.element, at);
    const field = held.matches("input, select, textarea") ? held : held.querySelector("input, select, textarea");
    // A browser cannot put files back into its own input: what is attached is named beside it.
    const files = (at.values[block.block_id]?.[block.element.action_id]?.files || []).map((one) => one.name).join(", ");
    const isGroup = held.getAttribute("role") === "group" || held.getAttribute("role") === "radiogroup";
    if (isGroup) held.setAttribute("aria-labelledby", id);
    else if (field) field.id ||= `${id}-field`;
    if (field && error) field.setAttribute("aria-invalid", "true");
    if (field) field.setAttribute("aria-describedby", `${id}-more`);
    return el(
      "div.b-input",
      {},
      el("label", { id, htmlFor: isGroup ? "" : field?.id || "" }, block.label.text, block.optional && el("span", {}, " (optional)")),
      held,
      el("div", { id: `${id}-more` }, files && el("p.b-hint", {}, `Attached: ${files}`), block.hint && textNode("p.b-hint", block.hint), error && el("p.b-error", { role: "alert" }, error)),
    );
  },
};

function card(block, thing, at) {
  return el(
    "article.b-card",
    {},
    thing.hero_image && picture(thing.hero_image),
    thing.title && textNode("h5", thing.title),
    thing.subtitle && textNode("p.b-hint", thing.subtitle),
    thing.body && textNode("p", thing.body),
    thing.actions && el("div.b-actions", {}, ...thing.actions.map((one) => element(block, one, at))),
  );
}

// Elements

function element(block, thing, at) {
  const make = elements[thing.type];
  if (!make) return el("span.b-hint", {}, "(not on this page)");
  const isInput = block.type === "input";
  const value = at.values[block.block_id]?.[thing.action_id];
  const send = (chosen) => (!isInput || block.dispatch_action) && at.act?.(block, thing, chosen);
  const node = make(thing, value, send, block);
  if (isInput || !["button", "overflow", "image"].includes(thing.type)) {
    if (!node.read) node.read = () => null;
    Object.assign(node.dataset, { block: block.block_id, action: thing.action_id, holds: "1" });
  }
  return node;
}

const focusName = (thing) => `el-${thing.action_id}`;
const placeholder = (thing) => thing.placeholder?.text || "";
const offered = (thing) => [...(thing.options || []), ...(thing.option_groups || []).flatMap((group) => group.options)];

const elements = {
  image: (thing) => picture(thing),
  button(thing, _value, send) {
    const style = `s-btn.${thing.style || "plain"}`;
    const label = thing.accessibility_label || null;
    if (thing.url) {
      return el(`a.${style}`, { href: thing.url, target: "_blank", rel: "noopener", "aria-label": label, "data-focus": focusName(thing), onclick: () => send() }, thing.text.text, !thing.text.text.includes("↗") && el("span", { "aria-hidden": "true" }, " ↗"));
    }
    const press = async (event) => {
      if (thing.confirm && !(await confirmed(thing.confirm))) return;
      const node = event.target;
      node.setAttribute("aria-busy", "true");
      await send();
      node.removeAttribute("aria-busy");
    };
    return el(`button.${style}`, { type: "button", "aria-label": label, "data-focus": focusName(thing), onclick: press }, thing.text.text);
  },
  overflow(thing, _value, send) {
    const menu = el("details.s-menu", {});
    menu.append(
      el("summary", { "aria-label": "More", title: "More" }, "⋯"),
      el("div", {}, ...thing.options.map((one) => el("button", { type: "button", onclick: () => ((menu.open = false), send(one.value)) }, one.text.text))),
    );
    return menu;
  },
  static_select(thing, value, send) {
    const chosen = value?.selected_option?.value ?? "";
    const node = el("select.s-field", { "aria-label": placeholder(thing), "data-focus": focusName(thing), onchange: () => node.value && send(node.value) });
    node.append(el("option", { value: "" }, placeholder(thing) || "Choose…"));
    const shown = (one) => el("option", { value: one.value, selected: one.value === chosen }, one.text.text);
    node.append(...(thing.options || []).map(shown));
    for (const group of thing.option_groups || []) node.append(el("optgroup", { label: group.label.text }, ...group.options.map(shown)));
    node.read = () => node.value || null;
    return node;
  },
  radio_buttons: (thing, value, send) => ticks(thing, "radio", [value?.selected_option], send),
  checkboxes: (thing, value, send) => ticks(thing, "checkbox", value?.selected_options || [], send),
  multi_static_select: (thing, value, send) => ticks(thing, "checkbox", value?.selected_options || [], send),
  plain_text_input(thing, value, send) {
    const options = { placeholder: placeholder(thing), value: value?.value || "", "data-focus": focusName(thing), maxLength: thing.max_length || 3000, onchange: () => send(node.value) };
    const node = thing.multiline ? el("textarea.s-field", { ...options, rows: 5 }) : el("input.s-field", { type: "text", ...options });
    node.read = () => node.value;
    return node;
  },
  email_text_input: (thing, value, send) => plainField("email", thing, value?.value, send),
  url_text_input: (thing, value, send) => plainField("url", thing, value?.value, send),
  number_input: (thing, value, send) => plainField("number", thing, value?.value, send),
  file_input(thing) {
    const accept = (thing.filetypes || []).map((one) => `.${one}`).join(",");
    const node = el("input.s-field", { type: "file", multiple: (thing.max_files || 1) > 1, accept, "data-focus": focusName(thing) });
    node.read = () => undefined; // Files travel beside the values.
    node.dataset.files = "1";
    return node;
  },
  datepicker: (thing, value, send) => plainField("date", thing, value?.selected_date, send),
  timepicker: (thing, value, send) => plainField("time", thing, value?.selected_time, send),
  datetimepicker(thing, value, send) {
    const unix = (words) => (words ? Math.round(new Date(words).getTime() / 1000) : null);
    const node = el("input.s-field", { type: "datetime-local", "data-focus": focusName(thing), onchange: () => send(unix(node.value)) });
    if (value?.selected_date_time) node.value = localWords(value.selected_date_time);
    node.read = () => unix(node.value);
    return node;
  },
};

function plainField(type, thing, value, send) {
  const node = el("input.s-field", { type, value: value || "", placeholder: placeholder(thing), "data-focus": focusName(thing), onchange: () => send(node.value || null) });
  node.read = () => node.value || null;
  return node;
}

function ticks(thing, type, chosen, send) {
  const values = new Set(chosen.filter(Boolean).map((one) => one.value));
  const box = el("div.s-ticks", { role: type === "radio" ? "radiogroup" : "group" });
  const inputs = offered(thing).map((one) => [el("input", { type, name: thing.action_id, value: one.value, checked: values.has(one.value), onchange: () => send(box.read()) }), one]);
  box.append(...inputs.map(([input, one]) => el("label", {}, input, el("span", {}, one.text.text))));
  box.read = () => {
    const on = inputs.filter(([input]) => input.checked).map(([input]) => input.value);
    return type === "radio" ? (on[0] ?? null) : on;
  };
  return box;
}

// Seconds since 1970 as a datetime-local field wants them: the reader's own wall clock.
function localWords(unix) {
  const moment = new Date(unix * 1000);
  return new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

// The question before an action.
function confirmed(asked) {
  return new Promise((answer) => {
    const box = el("dialog.s-confirm", { "aria-label": asked.title.text });
    const end = (isYes) => {
      box.close();
      box.remove();
      answer(isYes);
    };
    box.append(
      el("h3", {}, asked.title.text),
      textNode("p", asked.text),
      el("p.s-row", {}, el("button.s-btn.plain", { type: "button", onclick: () => end(false) }, asked.deny.text), el(`button.s-btn.${asked.style || "primary"}`, { type: "button", onclick: () => end(true) }, asked.confirm.text)),
    );
    box.addEventListener("cancel", (event) => (event.preventDefault(), end(false)));
    document.body.append(box);
    box.showModal();
  });
}

const emoji = {
  eyes: "👀", white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", "+1": "👍", thumbsup: "👍", tada: "🎉", warning: "⚠️",
  hourglass_flowing_sand: "⏳", hourglass: "⌛", calendar: "📅", spiral_calendar_pad: "🗓", wastebasket: "🗑", rocket: "🚀", question: "❓", clock3: "🕒",
  heart: "❤️", cry: "😢", pencil2: "✏️", no_entry: "⛔",
};
export const emojiOf = (name) => emoji[name] || `:${name}:`;
export const faceOf = (user) => (user.is_bot ? el("span.s-face.bot", { "aria-hidden": "true" }, icon("mark")) : el("span.s-face", { "aria-hidden": "true" }, user.name.slice(0, 1)));
