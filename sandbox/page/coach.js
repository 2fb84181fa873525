// Four first steps for someone who has never seen this, gone once they are done.

import { $, el, icon } from "./dom.js";

export class Coach {
  constructor(chat, insta) {
    this.chat = chat;
    this.insta = insta;
    this.isOver = localStorage.getItem("coach") === "over";
  }

  steps() {
    const { accounts, posts } = this.insta.state;
    return [
      { words: "Press Start", isDone: this.chat.isStarted },
      { words: "Connect the pretend Instagram", isDone: accounts.some((one) => one.is_connected) || posts.length > 0 },
      { words: "Send a sample photo", isDone: this.chat.hasSentMedia(), work: () => this.chat.toggleTray(true) },
      { words: "Watch it go out", isDone: posts.length > 0 },
    ];
  }

  show() {
    const box = $("coach");
    if (this.isOver || !this.insta.state) return (box.hidden = true);
    const steps = this.steps();
    const next = steps.findIndex((step) => !step.isDone);
    if (next < 0) return this.end();
    const items = steps.map((step, index) => {
      const mark = step.isDone ? "✓" : String(index + 1);
      const body = step.work && index === next ? el("button.plainly", { type: "button", onclick: step.work }, step.words) : el("span", {}, step.words);
      const item = el("li", { "aria-current": index === next ? "step" : undefined }, el("i", { "aria-hidden": "true" }, mark), body);
      item.classList.toggle("done", Boolean(step.isDone));
      return item;
    });
    box.replaceChildren(...items, el("li.leave", {}, el("button.icon-only", { type: "button", "aria-label": "Hide the first steps", onclick: () => this.end() }, icon("x"))));
    box.hidden = false;
  }

  end() {
    this.isOver = true;
    localStorage.setItem("coach", "over");
    $("coach").hidden = true;
  }
}
