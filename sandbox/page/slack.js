// The Slack side: a channel and direct messages, threads, commands, shortcuts.

import { Refused, get, post } from "./api.js";
import { drawBlocks, emojiOf, faceOf } from "./blocks.js";
import { $, el, icon, keep, say, toast } from "./dom.js";
import { altOf, phrases, sampleFile, samples } from "./samples.js";
import { SlackViews } from "./slack-views.js";
import { clockTime, dayName, now, tick } from "./when.js";

const CHANNEL = "social";
const REPLIES_SHOWN = 4;
const SIGNS = { im: "mark", mpim: "people" };
const LOCALES = { en: "en-US", de: "de-DE", es: "es-ES", fr: "fr-FR", it: "it-IT", pt: "pt-BR", ru: "ru-RU", tr: "tr-TR", uk: "uk-UA" };
const CLOSE_ENOUGH = 80;

export class Slack {
  constructor(person) {
    this.person = person;
    this.place = "";
    this.files = [];
    this.thread = null;
    this.editing = null;
    this.unfolded = new Set();
    this.seen = {};
    this.isAtEnd = true;
    this.messages = [];
    this.views = new SlackViews(person, () => this.state);
    $("sl-you").textContent = person.name;
    this.wire();
  }

  static async open(name, language) {
    const tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const person = await post("slack/people", { name, tz, locale: LOCALES[language] });
    await post("slack/channels", { name: CHANNEL, members: [person.id] });
    return new Slack(person);
  }

  // Group direct messages with others and the app; the same people have one.
  async gather(others) {
    const people = await Promise.all(others.map((name) => post("slack/people", { name })));
    await post("slack/channels", { is_direct: true, members: [this.person.id, ...people.map((one) => one.id)] });
  }

  // Reading

  async load() {
    const isFirst = !this.state;
    this.state = await get(`slack/state?person=${this.person.id}`);
    this.place ||= this.state.direct;
    const { messages } = await get(`slack/places/${this.place}/messages?person=${this.person.id}`);
    const last = messages.at(-1)?.ts;
    const isNew = last !== this.lastSeen;
    this.messages = messages;
    this.lastSeen = last;
    this.mindNews(isFirst);
    this.drawPlaces();
    this.draw();
    this.views.show(this.state);
    // A card that grows is followed, too.
    if (isFirst || this.isAtEnd || (isNew && messages.at(-1)?.mine)) this.toEnd();
  }

  mindNews(isFirst) {
    let isFresh = false;
    for (const place of this.state.places) {
      const known = this.seen[place.id] ?? "";
      if (!isFirst && place.last > (this.latest?.[place.id] ?? "")) isFresh = true;
      (this.latest ||= {})[place.id] = place.last;
      if (isFirst || place.id === this.place) this.seen[place.id] = place.last;
      else if (!known) this.seen[place.id] = "";
    }
    if (isFresh) this.onNews?.();
  }

  drawPlaces() {
    const { state } = this;
    const entry = (place) => {
      const isHere = place.id === this.place;
      const isNew = place.last > (this.seen[place.id] ?? "");
      const sign = SIGNS[place.kind] ? icon(SIGNS[place.kind]) : el("i", { "aria-hidden": "true" }, place.kind === "public" ? "#" : "🔒");
      return el(
        "button.s-place",
        { type: "button", "aria-current": isHere ? "page" : null, "data-focus": place.id, onclick: () => this.go(place.id) },
        sign,
        el("span", {}, place.name),
        isNew && el("span.s-dot", { title: "New" }, el("span.sr", {}, "new messages")),
      );
    };
    const places = [...state.places].sort((one, other) => (other.id === state.direct) - (one.id === state.direct));
    $("sl-workspace").textContent = state.workspace;
    const held = document.activeElement?.closest("#sl-places") ? document.activeElement.dataset.focus : null;
    $("sl-places").replaceChildren(...places.map(entry));
    if (held) $("sl-places").querySelector(`[data-focus="${held}"]`)?.focus();
    $("sl-lost").hidden = state.is_connected;
    $("sl-lost").textContent = `${state.app.name} has not connected to this Slack. What you say waits until it does.`;
    const here = (this.here = state.places.find((one) => one.id === this.place));
    const isDirect = here?.kind === "im";
    $("sl-name").textContent = isDirect ? here.name : `${here?.kind === "public" ? "# " : ""}${here?.name ?? ""}`;
    $("sl-tabs").hidden = !isDirect;
    if (!isDirect) this.isHome = false;
    $("sl-tab-messages").setAttribute("aria-pressed", String(!this.isHome));
    $("sl-tab-home").setAttribute("aria-pressed", String(Boolean(this.isHome)));
    $("sl-home").hidden = !this.isHome;
    $("sl-log").hidden = $("sl-composer").hidden = Boolean(this.isHome);
    $("sl-words").placeholder = `Message ${here?.kind === "public" ? "#" : ""}${here?.name ?? ""}`;
  }

  async go(place) {
    this.place = place;
    this.isHome = false;
    this.lastSeen = undefined;
    this.isAtEnd = true;
    this.endContext();
    await this.load();
    this.toEnd();
  }

  async openHome() {
    this.isHome = true;
    this.drawPlaces();
    await post("slack/home", { person: this.person.id });
    await this.load();
  }

  draw() {
    keep($("sl-log"), this.items(), (item) => item.key, (item) => this.item(item));
    if (!this.messages.length) $("sl-log").replaceChildren(this.empty());
    tick($("sl-log"));
  }

  // One item a day, and one for each message with its thread.
  items() {
    const items = [];
    const roots = new Map();
    let day = "";
    for (const message of this.messages) {
      const root = message.thread && roots.get(message.thread);
      if (root) {
        root.replies.push(message);
        continue;
      }
      const today = dayName(message.ts * 1000);
      if (today !== day) items.push({ key: `day-${today}`, day: today });
      day = today;
      const item = { key: `m${message.ts}`, message, replies: [], isOpen: this.unfolded.has(message.ts) };
      roots.set(message.ts, item);
      items.push(item);
    }
    return items;
  }

  item(item) {
    if (item.day) return el("p.s-day", {}, el("span", {}, item.day));
    if (item.message.subtype === "channel_join") return el("p.s-note", { innerHTML: item.message.html });
    const { replies } = item;
    const hidden = item.isOpen ? 0 : Math.max(0, replies.length - REPLIES_SHOWN);
    const thread =
      replies.length > 0 &&
      el(
        "div.s-thread",
        { role: "group", "aria-label": "Thread" },
        hidden > 0 && el("button.s-link", { type: "button", onclick: () => this.unfold(item.message.ts) }, `Show ${hidden} more`),
        ...replies.slice(hidden).map((one) => this.message(one)),
        el("button.s-link", { type: "button", onclick: () => this.answer(item.message) }, "Reply in thread"),
      );
    return el("div.s-item", {}, this.message(item.message), thread);
  }

  message(message) {
    const time = clockTime(message.ts * 1000);
    const worded = message.blocks.length
      ? el("div.s-blocks", {}, ...drawBlocks(message.blocks, { act: (block, element, value) => this.act(message, block, element, value) }))
      : message.html && el("div.b-text", { innerHTML: message.html, dir: "auto" });
    return el(
      `article.s-message${message.is_ephemeral ? ".ephemeral" : ""}`,
      { "aria-label": `${message.user.name}, ${time}`, "data-ts": message.ts },
      faceOf(message.user),
      el(
        "div.s-said",
        {},
        message.is_ephemeral && el("p.s-only", {}, "Only visible to you"),
        el("p.s-who", {}, el("b", {}, message.user.name), message.user.is_bot && el("span.s-badge", {}, "APP"), el("span.s-time", {}, time), message.is_edited && el("span.s-time", {}, "(edited)")),
        worded,
        message.files.length > 0 && el(`div.s-files.n${Math.min(message.files.length, 4)}`, {}, ...message.files.map((file) => fileShown(file, message))),
        message.reactions.length > 0 && el("p.s-reactions", {}, ...message.reactions.map((one) => el("span", { title: one.name, "aria-label": `${one.name}, ${one.count}` }, emojiOf(one.name), one.count > 1 && ` ${one.count}`))),
      ),
      this.tools(message),
    );
  }

  tools(message) {
    const tool = (name, label, work) => el("button", { type: "button", title: label, "aria-label": label, onclick: work, "data-focus": label }, icon(name));
    const tools = el("div.s-tools", {});
    if (!message.is_ephemeral) tools.append(tool("reply", "Reply in thread", () => this.answer(message)));
    if (message.mine) tools.append(tool("edit", "Edit", () => this.edit(message)), tool("trash", "Delete", () => this.remove(message)));
    const own = this.state.app.shortcuts.filter((one) => one.type === "message");
    if (own.length && !message.is_ephemeral) {
      const menu = el("details.s-menu", {});
      const use = (one) => {
        menu.open = false;
        this.use(one, message);
      };
      menu.append(
        el("summary", { "aria-label": "More actions", title: "More actions" }, icon("spark")),
        el("div", {}, ...own.map((one) => el("button", { type: "button", onclick: () => use(one) }, one.name, el("small", {}, this.state.app.name)))),
      );
      tools.append(menu);
    }
    return tools;
  }

  empty() {
    const { app } = this.state;
    const isGroup = this.here?.kind === "mpim";
    const [title, words] = this.isDirect()
      ? ["The same bot, in Slack", `Drop a picture here with a few words and a time. ${app.name} answers in the thread.`]
      : [isGroup ? "Some of the team" : "A channel of the team", `Here ${app.name} acts when it is mentioned: @${app.bot}, a picture, a few words and a time.`];
    return el("div.empty", {}, el("p.empty-mark", {}, icon("mark")), el("h3", {}, title), el("p", {}, words));
  }

  isDirect() {
    return this.place === this.state.direct;
  }

  unfold(ts) {
    this.unfolded.add(ts);
    this.draw();
  }

  // The next time that a card promises.
  nextDue() {
    const dues = this.messages
      .filter((one) => one.user.is_bot && !/^\W*(cancelled|published|not published)/i.test(one.text))
      .flatMap((one) => [...JSON.stringify(one.blocks).matchAll(/data-unix=\\"(\d+)\\"/g)].map((found) => found[1] * 1000))
      .filter((ms) => ms > now());
    return dues.length ? Math.min(...dues) : null;
  }

  // Doing

  async act(message, block, element, value) {
    await this.tried(async () => {
      const path = `slack/places/${this.place}/messages/${message.ts}/press`;
      const said = await post(path, { person: this.person.id, block: block.block_id, action: element.action_id, value });
      if (!said.answered) toast(`${this.state.app.name} does not answer.`);
    });
  }

  async use(shortcut, message) {
    await this.tried(async () => {
      const about = message ? { place: this.place, ts: message.ts } : {};
      const said = await post("slack/shortcut", { person: this.person.id, callback_id: shortcut.callback_id, ...about });
      if (!said.answered) toast(`${this.state.app.name} does not answer.`);
    });
  }

  async remove(message) {
    await this.tried(() => post(`slack/places/${this.place}/messages/${message.ts}/delete`, { person: this.person.id }));
  }

  async tried(work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      toast(error.message);
    }
  }

  // Writing

  wire() {
    const words = $("sl-words");
    $("sl-composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    words.addEventListener("input", () => this.fit());
    words.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.send();
      }
      if (event.key === "Escape") this.endContext();
    });
    words.addEventListener("paste", (event) => {
      if (!event.clipboardData.files.length) return;
      event.preventDefault();
      this.attach([...event.clipboardData.files]);
    });
    $("sl-pick").addEventListener("change", (event) => {
      this.attach([...event.target.files]);
      event.target.value = "";
    });
    $("sl-context-end").addEventListener("click", () => this.endContext());
    $("sl-samples").addEventListener("click", () => this.toggleTray());
    $("sl-tab-home").addEventListener("click", () => this.openHome());
    $("sl-tab-messages").addEventListener("click", () => this.go(this.place));
    $("sl-log").addEventListener("scroll", () => this.mindEnd(), { passive: true });
    for (const arrives of ["load", "loadedmetadata"]) $("sl-log").addEventListener(arrives, () => this.isAtEnd && this.toEnd(), true);
    new ResizeObserver(() => this.isAtEnd && this.toEnd()).observe($("sl-log"));
    // Menus close when one looks elsewhere.
    document.addEventListener("click", (event) => {
      for (const menu of document.querySelectorAll("details.s-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    });
    document.addEventListener("keydown", (event) => {
      const menu = event.key === "Escape" && document.activeElement?.closest("details.s-menu[open]");
      if (!menu) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    this.wireDrop();
  }

  wireDrop() {
    const pane = $("slack");
    let depth = 0;
    const show = (isOver) => ($("sl-drop").hidden = !isOver);
    const holdsFiles = (event) => [...event.dataTransfer.types].includes("Files");
    pane.addEventListener("dragenter", (event) => holdsFiles(event) && show(++depth > 0));
    pane.addEventListener("dragleave", (event) => holdsFiles(event) && show(--depth > 0));
    pane.addEventListener("dragover", (event) => event.preventDefault());
    pane.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      show(false);
      this.attach([...event.dataTransfer.files]);
    });
  }

  attach(files) {
    if (this.editing) this.endContext();
    this.files.push(...files);
    this.drawFiles();
    $("sl-words").focus();
  }

  drawFiles() {
    for (const film of $("sl-files").querySelectorAll("video")) {
      film.removeAttribute("src");
      film.load();
    }
    for (const url of this.previews || []) URL.revokeObjectURL(url);
    this.previews = [];
    const shown = this.files.map((file, index) => {
      const kind = file.type.split("/")[0];
      const url = ["image", "video"].includes(kind) ? URL.createObjectURL(file) : "";
      if (url) this.previews.push(url);
      const view =
        kind === "video" ? el("video", { src: url, muted: true, "aria-label": file.name }) : url ? el("img", { src: url, alt: altOf(file.name) || file.name }) : el("span.paper-name", {}, file.name);
      const drop = () => {
        this.files.splice(index, 1);
        this.drawFiles();
      };
      return el("figure", {}, view, el("button", { type: "button", onclick: drop, "aria-label": `Remove ${file.name}` }, icon("x")));
    });
    $("sl-files").replaceChildren(...shown);
    $("sl-files").hidden = !this.files.length;
    this.fit();
  }

  fit() {
    const words = $("sl-words");
    words.style.height = "auto";
    // While the tab is hidden there is nothing to measure.
    if (words.scrollHeight) words.style.height = `${Math.min(words.scrollHeight, 160)}px`;
    $("sl-send").disabled = !words.value.trim() && !this.files.length;
  }

  async send() {
    const words = $("sl-words");
    const text = words.value;
    if (!text.trim() && !this.files.length) return;
    const [files, thread, editing] = [this.files, this.thread, this.editing];
    words.value = "";
    this.files = [];
    this.drawFiles();
    this.endContext();
    try {
      if (editing) await post(`slack/places/${this.place}/messages/${editing.ts}/edit`, { person: this.person.id, text });
      else await this.deliver(text, files, thread);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      toast(error.message);
      words.value = text;
      this.files = files;
      this.drawFiles();
    }
  }

  async deliver(text, files, thread) {
    const form = new FormData();
    form.append("person", this.person.id);
    form.append("text", text);
    if (thread) form.append("thread", thread.thread || thread.ts);
    for (const file of files) form.append("file", file, file.name);
    const said = await post(`slack/places/${this.place}/messages`, form);
    if (said.answered === false) toast(`${this.state.app.name} does not answer.`);
    this.isAtEnd = true;
  }

  answer(message) {
    this.endContext();
    this.thread = message;
    this.context("Reply in thread", message);
  }

  edit(message) {
    this.endContext();
    this.editing = message;
    $("sl-words").value = message.text;
    this.context("Edit", message);
    this.fit();
  }

  context(what, message) {
    $("sl-context-what").textContent = what;
    $("sl-context-text").textContent = message.text || message.files[0]?.name || "";
    $("sl-context").hidden = false;
    $("sl-words").focus();
  }

  endContext() {
    if (this.editing) $("sl-words").value = "";
    this.thread = this.editing = null;
    $("sl-context").hidden = true;
    this.fit();
  }

  // Samples, commands, shortcuts

  toggleTray(isOpen = $("sl-tray").hidden) {
    $("sl-tray").hidden = !isOpen;
    $("sl-samples").setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return;
    const { app } = this.state;
    const cards = samples.map((sample) =>
      el(
        "button.sample",
        { type: "button", onclick: () => this.useSample(sample) },
        el(`span.fan.n${sample.files.length > 1 ? 2 : 1}`, {}, ...sample.files.slice(0, 2).map((name) => el("img", { src: `/page/samples/${sample.poster || name}`, alt: "" })), sample.poster && icon("play")),
        el("b", {}, sample.name),
      ),
    );
    const chip = (text, work) => el("button.chip", { type: "button", onclick: work }, text);
    const hints = app.commands.flatMap(({ command, usage_hint: hint }) => [command, ...(hint ? hint.replace(/[[\]]/g, "").split(/\s*[|,]\s*/).map((one) => `${command} ${one}`) : [])]);
    $("sl-tray").replaceChildren(
      el("div.sample-row", {}, ...cards),
      el("div.chips", { role: "group", "aria-label": "Phrases to add" }, chip(`@${app.bot}`, () => this.addStart(`@${app.bot} `)), ...phrases.map((phrase) => chip(phrase, () => this.addLine(phrase)))),
      el(
        "div.chips",
        { role: "group", "aria-label": "Commands and shortcuts" },
        ...app.shortcuts.filter((one) => one.type === "global").map((one) => chip(`⚡ ${one.name}`, () => (this.toggleTray(false), this.use(one)))),
        ...hints.slice(0, 8).map((line) => chip(line, () => (this.toggleTray(false), this.tried(() => this.deliver(line, []))))),
      ),
    );
  }

  async useSample(sample) {
    this.endContext();
    this.files = await Promise.all(sample.files.map(sampleFile));
    $("sl-words").value = this.isDirect() ? sample.words : `@${this.state.app.bot} ${sample.words}`;
    this.drawFiles();
    this.toggleTray(false);
    $("sl-words").focus();
    say(`${sample.name} attached. Press Enter to send.`);
  }

  addLine(phrase) {
    const words = $("sl-words");
    words.value = words.value.trim() ? `${words.value.trimEnd()}\n${phrase}` : phrase;
    this.fit();
    words.focus();
  }

  addStart(text) {
    const words = $("sl-words");
    if (!words.value.startsWith(text)) words.value = text + words.value;
    this.fit();
    words.focus();
  }

  // Scrolling

  toEnd() {
    this.isAtEnd = true;
    requestAnimationFrame(() => $("sl-log").scrollTo(0, $("sl-log").scrollHeight));
  }

  mindEnd() {
    const log = $("sl-log");
    const isNear = log.scrollHeight - log.scrollTop - log.clientHeight < CLOSE_ENOUGH;
    // What grows below is followed; only who scrolls up leaves the end.
    if (isNear || log.scrollTop < this.top) this.isAtEnd = isNear;
    this.top = log.scrollTop;
  }
}

function fileShown(file, message) {
  const words = message.text.split("\n")[0].slice(0, 80);
  const alt = file.alt || (words ? `Picture: ${words}` : file.name);
  if (file.mimetype.startsWith("image/")) {
    return el("a", { href: file.url, target: "_blank", rel: "noopener", "aria-label": `Open the picture. ${alt}` }, el("img", { src: file.url, alt, width: file.width, height: file.height, loading: "lazy" }));
  }
  if (file.mimetype.startsWith("video/")) {
    return el("video", { src: `${file.url}#t=0.1`, controls: true, muted: true, playsInline: true, preload: "metadata", "aria-label": alt });
  }
  return el("a.paper", { href: file.url, target: "_blank", rel: "noopener" }, icon("clip"), el("span", {}, el("b", {}, file.name), file.mimetype || "being looked at…"));
}
