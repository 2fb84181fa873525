// Writing in a chat: words, files, what is answered or edited, samples; and the log it is read in.
// Each chat says how a message leaves (deliver), how one is changed (change) and what its tray holds.

import { Refused } from "./api.js";
import { $, el, icon, say, toast } from "./dom.js";
import { altOf, phrases, sampleFile, samples } from "./samples.js";

const TALLEST = 160; // pixels to which the field grows with its words
export const CLOSE_ENOUGH = 80; // pixels from the end at which the log follows new messages

export class Composer {
  // The parts of one chat on the page have ids that begin with the prefix.
  constructor(prefix, pane) {
    this.part = (name) => $(prefix + name);
    this.pane = pane;
    this.files = [];
    this.reply = null;
    this.editing = null;
    this.isAtEnd = true;
  }

  wire() {
    const words = this.part("words");
    this.part("composer").addEventListener("submit", (event) => {
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
    this.part("pick").addEventListener("change", (event) => {
      this.attach([...event.target.files]);
      event.target.value = "";
    });
    this.part("context-end").addEventListener("click", () => this.endContext());
    this.part("samples").addEventListener("click", () => this.toggleTray());
    this.part("log").addEventListener("scroll", () => this.mindEnd(), { passive: true });
    // Pictures arrive late and rooms change: stay at the end where one was.
    const stay = () => this.isAtEnd && this.toEnd();
    for (const arrives of ["load", "loadedmetadata"]) this.part("log").addEventListener(arrives, stay, true);
    new ResizeObserver(stay).observe(this.part("log"));
    this.wireDrop();
  }

  wireDrop() {
    let depth = 0;
    const show = (isOver) => (this.part("drop").hidden = !isOver);
    const holdsFiles = (event) => [...event.dataTransfer.types].includes("Files");
    this.pane.addEventListener("dragenter", (event) => holdsFiles(event) && show(++depth > 0));
    this.pane.addEventListener("dragleave", (event) => holdsFiles(event) && show(--depth > 0));
    this.pane.addEventListener("dragover", (event) => event.preventDefault());
    this.pane.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      show(false);
      this.attach([...event.dataTransfer.files]);
    });
  }

  // Files

  attach(files) {
    if (this.editing) this.endContext();
    this.files.push(...files);
    this.drawFiles();
    this.part("words").focus();
  }

  drawFiles() {
    const box = this.part("files");
    // A film that still loads from a revoked address would complain.
    for (const film of box.querySelectorAll("video")) {
      film.removeAttribute("src");
      film.load();
    }
    for (const url of this.previews || []) URL.revokeObjectURL(url);
    this.previews = [];
    box.replaceChildren(...this.files.map((file, index) => this.attached(file, index)));
    box.hidden = !this.files.length;
    this.fit();
  }

  attached(file, index) {
    const kind = file.type.split("/")[0];
    const url = ["image", "video"].includes(kind) ? URL.createObjectURL(file) : "";
    if (url) this.previews.push(url);
    const view =
      kind === "video"
        ? el("video", { src: url, muted: true, "aria-label": file.name })
        : url
          ? el("img", { src: url, alt: altOf(file.name) || file.name })
          : el("span.paper-name", {}, file.name);
    const drop = () => {
      this.files.splice(index, 1);
      this.drawFiles();
    };
    return el("figure", {}, view, el("button", { type: "button", onclick: drop, "aria-label": `Remove ${file.name}` }, icon("x")));
  }

  // Sending

  fit() {
    const words = this.part("words");
    words.style.height = "auto";
    // While the tab is hidden there is nothing to measure.
    if (words.scrollHeight) words.style.height = `${Math.min(words.scrollHeight, TALLEST)}px`;
    this.part("send").disabled = !words.value.trim() && !this.files.length;
  }

  async send() {
    const words = this.part("words");
    const text = words.value;
    if (!text.trim() && !this.files.length) return;
    const [files, editing, reply] = [this.files, this.editing, this.reply];
    const wishes = this.wishes?.();
    words.value = "";
    this.files = [];
    this.drawFiles();
    this.endContext();
    try {
      if (editing) await this.change(editing, text);
      else await this.deliver(text, files, reply, wishes);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      toast(error.message);
      words.value = text;
      this.files = files;
      this.drawFiles();
    }
  }

  // Answering and editing

  edit(message) {
    this.endContext();
    this.editing = message;
    this.part("words").value = message.text;
    this.context("Edit", message);
    this.fit();
  }

  answer(message, what) {
    this.endContext();
    this.reply = message;
    this.context(what, message);
  }

  context(what, message) {
    this.part("context-what").textContent = what;
    this.part("context-text").textContent = message.text || this.nameOf(message);
    this.part("context").hidden = false;
    this.part("words").focus();
  }

  endContext() {
    if (this.editing) this.part("words").value = "";
    this.reply = this.editing = null;
    this.part("context").hidden = true;
    this.fit();
  }

  // Samples

  toggleTray(isOpen = this.part("tray").hidden) {
    this.part("tray").hidden = !isOpen;
    this.part("samples").setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.part("tray").replaceChildren(el("div.sample-row", {}, ...samples.map((sample) => this.sample(sample))), ...this.tray());
  }

  sample(sample) {
    const pictures = sample.files.slice(0, 2).map((name) => el("img", { src: `/page/samples/${sample.poster || name}`, alt: "" }));
    return el(
      "button.sample",
      { type: "button", onclick: () => this.useSample(sample) },
      el(`span.fan.n${pictures.length}`, {}, ...pictures, sample.poster && icon("play")),
      el("b", {}, sample.name),
    );
  }

  async useSample(sample) {
    this.endContext();
    this.files = await Promise.all(sample.files.map(sampleFile));
    this.part("words").value = this.wordsOf(sample);
    this.drawFiles();
    this.toggleTray(false);
    this.part("words").focus();
    say(`${sample.name} attached. Press Enter to send.`);
  }

  addLine(phrase) {
    const words = this.part("words");
    words.value = words.value.trim() ? `${words.value.trimEnd()}\n${phrase}` : phrase;
    this.fit();
    words.focus();
  }

  // Scrolling

  toEnd() {
    this.isAtEnd = true;
    requestAnimationFrame(() => this.part("log").scrollTo(0, this.part("log").scrollHeight));
  }

  mindEnd() {
    const isNear = this.belowView() < CLOSE_ENOUGH;
    const top = this.part("log").scrollTop;
    // What grows below is followed; only who scrolls up leaves the end.
    if (isNear || top < this.top) this.isAtEnd = isNear;
    this.top = top;
  }

  belowView() {
    const log = this.part("log");
    return log.scrollHeight - log.scrollTop - log.clientHeight;
  }
}

export const chip = (text, work) => el("button.chip", { type: "button", onclick: work }, text);

export const chips = (label, ...lines) => el("div.chips", { role: "group", "aria-label": label }, ...lines);

export const phraseChips = (composer) => phrases.map((phrase) => chip(phrase, () => composer.addLine(phrase)));
