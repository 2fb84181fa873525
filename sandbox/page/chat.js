// The Telegram side: what was said, and saying something.

import { get, post } from "./api.js";
import { CLOSE_ENOUGH, Composer, chip, chips, phraseChips } from "./composer.js";
import { $, alertBox, el, icon, keep, toast } from "./dom.js";
import { clockTime, dayName, now, tick } from "./when.js";

const VISUAL = new Set(["photo", "video", "animation"]);

export class Chat extends Composer {
  constructor(person) {
    super("", $("chat"));
    this.person = person;
    this.chat = person.id;
    this.messages = [];
    this.commands = [];
    this.lastSeen = 0;
    $("you-name").textContent = person.name;
    this.wire();
  }

  get at() {
    return `telegram/chats/${this.chat}`;
  }

  // Reading

  async load() {
    await this.loadChats();
    const { chat, messages } = await get(`${this.at}/messages?person=${this.person.id}`);
    this.isStarted = chat.kind !== "private" || chat.is_started;
    $("bot-name").textContent = chat.title;
    const isFirst = this.lastSeen === 0;
    const follows = isFirst || this.isAtEnd;
    this.messages = messages;
    this.draw();
    const last = messages.at(-1);
    if (last && last.id !== this.lastSeen) {
      if (!isFirst && last.from_bot) this.onNews?.(last);
      this.lastSeen = last.id;
      if (last.from_bot) this.quiet();
    }
    if (follows || (last && last.mine && last.id !== this.shownOwn)) this.toEnd();
    if (last?.mine) this.shownOwn = last.id;
    $("start").hidden = this.isStarted;
    $("composer").classList.toggle("not-started", !this.isStarted);
  }

  // The private chat, and the groups one is in; with one chat there is nothing to choose.
  async loadChats() {
    const chats = await get(`telegram/chats?person=${this.person.id}`);
    const box = $("chats");
    box.hidden = chats.length < 2;
    $("bot-name").classList.toggle("sr", !box.hidden);
    box.replaceChildren(...chats.map((one) => el("option", { value: one.id, selected: one.id === this.chat }, one.title)));
  }

  async go(chat) {
    this.chat = chat;
    this.lastSeen = 0;
    this.endContext();
    await this.load();
    this.toEnd();
  }

  // A group with others and the bot; the same people have one.
  async gather(others) {
    const people = await Promise.all(others.map((name) => post("telegram/people", { name })));
    const title = [this.person.name, ...others].join(", ");
    const chats = await get(`telegram/chats?person=${this.person.id}`);
    if (chats.some((one) => one.title === title)) return;
    const group = await post("telegram/groups", { title, members: [this.person.id, ...people.map((one) => one.id)] });
    await post(`telegram/chats/${group.id}/bot`, { person: this.person.id, does: "adds" });
  }

  async loadBot() {
    const [bot] = await get("telegram/bots");
    this.commands = bot?.commands || [];
  }

  draw() {
    keep($("log"), grouped(this.messages), (item) => item.key, (item) => this.item(item));
    if (!this.messages.length) $("log").replaceChildren(emptyChat());
    tick($("log"));
  }

  item(item) {
    if (item.day) return el("p.day", {}, el("span", {}, item.day));
    return this.bubble(item.parts);
  }

  bubble(parts) {
    const worded = parts.find((part) => part.text) || parts[0];
    const first = parts[0];
    const side = first.mine ? "mine" : "theirs";
    const who = first.mine ? "You" : first.sender.name;
    const bubble = el(
      `article.bubble.${side}`,
      { "aria-label": `${who}, ${clockTime(first.date * 1000)}`, "data-id": worded.id },
      first.reply_to && this.quote(first.reply_to),
      this.media(parts),
      worded.html && el("div.words", { innerHTML: worded.html, dir: "auto" }),
      el(
        "p.meta",
        {},
        worded.edited ? "edited " : "",
        el("time", { dateTime: new Date(first.date * 1000).toISOString() }, clockTime(first.date * 1000)),
      ),
    );
    const reactions = parts.flatMap((part) => part.reactions);
    if (reactions.length) {
      bubble.append(
        el("p.reactions", {}, ...reactions.map((one) => el("span", { role: "img", "aria-label": `Reaction ${one.emoji}` }, one.emoji))),
      );
    }
    const line = el(`div.line.${side}`, {}, bubble, this.tools(worded));
    const rows = el("div.item", {}, line);
    if (worded.buttons.length) rows.append(this.keyboard(worded));
    for (const quote of bubble.querySelectorAll("blockquote.expandable")) {
      quote.tabIndex = 0;
      quote.title = "Show all";
      const open = () => quote.classList.toggle("open");
      quote.addEventListener("click", open);
      quote.addEventListener("keydown", (event) => event.key === "Enter" && open());
    }
    for (const quote of bubble.querySelectorAll("blockquote")) {
      // A quote ends its own line; apps do not draw the line break behind it.
      const next = quote.nextSibling;
      if (next?.nodeType === Node.TEXT_NODE) next.data = next.data.replace(/^\n/, "");
    }
    for (const link of bubble.querySelectorAll("a[href]")) Object.assign(link, { target: "_blank", rel: "noopener" });
    return rows;
  }

  quote(reply) {
    const shown = reply.text || (reply.kind === "text" ? "" : reply.kind) || "Message";
    return el(
      "button.quote",
      { type: "button", onclick: () => jumpTo(reply.id), "aria-label": `In reply to: ${shown}` },
      reply.thumbnail && el("img", { src: reply.thumbnail, alt: "" }),
      el("span", {}, shown),
    );
  }

  media(parts) {
    const visual = parts.filter((part) => VISUAL.has(part.kind));
    const others = parts.filter((part) => part.attachments.length && !VISUAL.has(part.kind));
    const nodes = visual.map((part) => picture(part.attachments[0], part));
    const box = nodes.length ? el(`div.media.n${Math.min(nodes.length, 4)}`, {}, ...nodes) : null;
    const papers = others.map((part) => paper(part.attachments[0]));
    if (!box && !papers.length) return null;
    return el("div", {}, box, ...papers);
  }

  tools(message) {
    const tools = el("div.tools", {});
    tools.append(
      el("button", { type: "button", title: "Reply", "aria-label": "Reply", onclick: () => this.answer(message, "Reply"), "data-focus": "reply" }, icon("reply")),
    );
    if (message.mine) {
      tools.append(
        el("button", { type: "button", title: "Edit", "aria-label": "Edit", onclick: () => this.edit(message), "data-focus": "edit" }, icon("edit")),
      );
    }
    return tools;
  }

  keyboard(message) {
    const rows = message.buttons.map((row, r) =>
      el(
        "div.keys-row",
        {},
        ...row.map((button, c) =>
          button.kind === "url" || button.kind === "web_app"
            ? el(`a.key.${button.style || "plain"}`, { href: button.url, target: "_blank", rel: "noopener" }, button.text, !button.text.includes("↗") && el("span.out", { "aria-hidden": "true" }, "↗"))
            : el(
                `button.key.${button.style || "plain"}`,
                { type: "button", "data-focus": `key-${r}-${c}`, onclick: (event) => this.press(event.currentTarget, message, r, c, button) },
                button.text,
              ),
        ),
      ),
    );
    return el("div.keys", { role: "group", "aria-label": "Buttons" }, ...rows);
  }

  async press(node, message, row, column, button) {
    node.setAttribute("aria-busy", "true");
    try {
      const said = await post(`${this.at}/messages/${message.id}/press`, { person: this.person.id, row, column });
      if (button.kind === "copy") {
        await navigator.clipboard?.writeText(said.copied).catch(() => {});
        toast("Copied");
      } else if (!said.answered) toast("The bot does not answer.");
      else if (said.text) said.is_alert ? alertBox(said.text) : toast(said.text);
      if (said.url && button.kind === "press") window.open(said.url, "_blank", "noopener");
    } catch (error) {
      toast(error.message);
    } finally {
      node.removeAttribute("aria-busy");
    }
  }

  // The next post that a card promises: what the clock button jumps to.
  nextDue() {
    const dues = [];
    for (const message of this.messages) {
      if (!message.from_bot || /^\W*(cancelled|published|not published)/i.test(message.text)) continue;
      for (const one of message.entities) {
        if (one.type === "date_time" && one.unix_time * 1000 > now()) dues.push(one.unix_time * 1000);
      }
    }
    return dues.length ? Math.min(...dues) : null;
  }

  hasSentMedia() {
    return this.messages.some((message) => message.mine && message.attachments.length);
  }

  // Who is typing

  typing() {
    $("bot-state").textContent = "typing…";
    clearTimeout(this.typingEnds);
    this.typingEnds = setTimeout(() => this.quiet(), 5000);
  }

  quiet() {
    $("bot-state").textContent = "bot";
  }

  // Writing

  wire() {
    super.wire();
    $("words").addEventListener("keydown", (event) => {
      const own = event.key === "ArrowUp" && !$("words").value && this.messages.findLast((message) => message.mine);
      if (!own) return;
      event.preventDefault();
      this.edit(own);
    });
    $("start").addEventListener("click", () => this.start().catch((error) => toast(error.message)));
    $("chats").addEventListener("change", (event) => this.go(Number(event.target.value)));
    $("to-end").addEventListener("click", () => this.toEnd());
  }

  drawFiles() {
    super.drawFiles();
    if (!this.files.length) return;
    $("files").append(el("label.as-file", { title: "Full quality, not recompressed" }, el("input", { type: "checkbox", id: "as-file" }), "Send as file"));
  }

  wishes() {
    return { asFile: $("as-file")?.checked };
  }

  change(message, text) {
    return post(`${this.at}/messages/${message.id}/edit`, { person: this.person.id, text });
  }

  deliver(text, files, reply, wishes) {
    if (!files.length) return post(`${this.at}/messages`, { person: this.person.id, text, ...(reply && { reply_to: reply.id }) });
    const form = new FormData();
    form.append("person", this.person.id);
    form.append("text", text);
    if (reply) form.append("reply_to", reply.id);
    if (wishes?.asFile) form.append("as", "document");
    for (const file of files) form.append("file", file, file.name);
    return post(`${this.at}/messages`, form);
  }

  async start(payload = "") {
    await post(`${this.at}/start`, payload ? { payload } : {});
    $("words").focus();
  }

  nameOf(message) {
    return message.kind;
  }

  tray() {
    const commands = this.commands.map(({ command }) => chip(`/${command}`, () => this.deliver(`/${command}`, []).then(() => this.toggleTray(false))));
    return [chips("Phrases to add", ...phraseChips(this)), chips("Commands", ...commands)];
  }

  wordsOf(sample) {
    return sample.words;
  }

  mindEnd() {
    super.mindEnd();
    $("to-end").hidden = this.isAtEnd || this.belowView() < CLOSE_ENOUGH * 2;
  }
}

// Joins the parts of an album and puts a line between days.
function grouped(messages) {
  const items = [];
  let day = "";
  for (const message of messages) {
    const today = dayName(message.date * 1000);
    if (today !== day) items.push({ key: `day-${today}`, day: today });
    day = today;
    const last = items.at(-1);
    if (message.album && last.parts?.[0].album === message.album) last.parts.push(message);
    else items.push({ key: message.album || `m${message.id}`, parts: [message] });
  }
  return items;
}

function picture(attached, message) {
  const caption = message.text.split("\n")[0].slice(0, 80);
  const what = attached.kind === "photo" ? "Photo" : "Video";
  const alt = caption ? `${what}: ${caption}` : `${what} ${message.mine ? "you sent" : "from the bot"}`;
  if (attached.kind === "photo") {
    return el("a", { href: attached.url, target: "_blank", rel: "noopener", "aria-label": `Open the picture. ${alt}` },
      el("img", { src: attached.url, alt, width: attached.width, height: attached.height, loading: "lazy" }));
  }
  return el("video", { src: `${attached.url}#t=0.1`, controls: true, muted: true, playsInline: true, preload: "metadata", "aria-label": alt });
}

function paper(attached) {
  const kilobytes = Math.max(1, Math.round(attached.bytes / 1024));
  const size = kilobytes > 1024 ? `${(kilobytes / 1024).toFixed(1)} MB` : `${kilobytes} kB`;
  const face = attached.thumbnail ? el("img", { src: attached.thumbnail, alt: "" }) : icon("clip");
  return el("a.paper", { href: attached.url, target: "_blank", rel: "noopener" }, face, el("span", {}, el("b", {}, attached.name || attached.kind), size));
}

function emptyChat() {
  return el(
    "div.empty",
    {},
    el("p.empty-mark", {}, icon("mark")),
    el("h3", {}, "You run a small café"),
    el("p", {}, "Postcue is a bot in your chat. Send it a photo with a few words and a time, and it appears on Instagram at that time."),
    el("p", {}, "Telegram and Instagram are pretend here, the bot is real."),
  );
}

function jumpTo(id) {
  const node = $("log").querySelector(`[data-id="${id}"]`);
  node?.scrollIntoView({ block: "center", behavior: "smooth" });
  node?.classList.add("flash");
  setTimeout(() => node?.classList.remove("flash"), 1200);
}
