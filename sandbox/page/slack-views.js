// Modals and the Home tab of Slack.

import { Refused, post } from "./api.js";
import { drawBlocks, readValues } from "./blocks.js";
import { $, el, icon, toast } from "./dom.js";
import { tick } from "./when.js";

export class SlackViews {
  constructor(person, state) {
    this.person = person;
    this.state = state;
    this.shown = "";
    $("sl-modal").addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
  }

  show({ home, modals, app }) {
    this.showHome(home, app);
    this.showModal(modals.at(-1), modals.length);
  }

  showHome(home, app) {
    const box = $("sl-home");
    const mark = home ? home.id + home.hash : "none";
    if (box.dataset.mark !== mark) {
      const held = box.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
      box.dataset.mark = mark;
      const act = (block, element, value) => this.act(home, block, element, value);
      box.replaceChildren(
        ...(home
          ? drawBlocks(home.blocks, { act, values: home.values })
          : [el("p.s-note", {}, `${app.name} has put nothing here yet.`)]),
      );
      if (held) box.querySelector(`[data-focus="${held}"]`)?.focus({ preventScroll: true });
    }
    tick(box);
  }

  showModal(view, depth) {
    const box = $("sl-modal");
    this.view = view;
    if (!view) {
      this.shown = "";
      if (box.open) box.close();
      return;
    }
    const mark = `${view.id} ${view.hash} ${JSON.stringify(view.errors)}`;
    if (this.shown === mark) return;
    const isSame = this.shown.startsWith(view.id);
    const typed = isSame ? readValues(box) : {};
    this.shown = mark;
    box.replaceChildren(this.form(view, depth));
    restore(box, typed);
    tick(box);
    if (!box.open) box.showModal();
    const wrong = box.querySelector("[aria-invalid]") || (!isSame && box.querySelector("input, textarea, select"));
    wrong?.focus();
  }

  form(view, depth) {
    const act = (block, element, value) => this.act(view, block, element, value);
    const closeWords = view.close || (view.submit ? "Cancel" : "Close");
    const error = view.errors[""];
    return el(
      "form",
      {
        noValidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          this.submit(view);
        },
      },
      el("header.s-modal-head", {}, el("h3", { id: "sl-modal-title" }, view.title), el("button.icon-only", { type: "button", "aria-label": depth > 1 ? "Back" : "Close", onclick: () => this.close() }, icon(depth > 1 ? "left" : "x"))),
      el("div.s-modal-body", { tabIndex: -1 }, error && el("p.b-error", { role: "alert" }, error), ...drawBlocks(view.blocks, { act, values: view.values, errors: view.errors })),
      el("footer.s-row", {}, el("button.s-btn.plain", { type: "button", onclick: () => this.close() }, closeWords), view.submit && el("button.s-btn.primary", { type: "submit" }, view.submit)),
    );
  }

  async submit(view) {
    const button = $("sl-modal").querySelector("[type=submit]");
    button?.setAttribute("aria-busy", "true");
    await this.tried(() => post(`slack/views/${view.id}/submit`, this.filled()));
    button?.removeAttribute("aria-busy");
  }

  // What the form holds: plain values, and files beside them.
  filled() {
    const values = readValues($("sl-modal"));
    const form = new FormData();
    form.append("person", this.person.id);
    form.append("values", JSON.stringify(values));
    for (const node of $("sl-modal").querySelectorAll("[data-files]")) {
      for (const file of node.files) form.append(`${node.dataset.block} ${node.dataset.action}`, file, file.name);
    }
    return form;
  }

  // A browser may tell of one Escape twice.
  async close() {
    if (!this.view || this.closing === this.view.id) return;
    this.closing = this.view.id;
    await this.tried(() => post(`slack/views/${this.view.id}/close`, { person: this.person.id }));
  }

  async act(view, block, element, value) {
    const values = view.type === "modal" ? readValues($("sl-modal")) : {};
    await this.tried(async () => {
      const said = await post(`slack/views/${view.id}/press`, { person: this.person.id, block: block.block_id, action: element.action_id, value, values });
      if (!said.answered) toast(`${this.state().app.name} does not answer.`);
    });
  }

  async tried(work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      toast(error.message);
    }
  }
}

// Puts back what was typed, where block and action are still there.
function restore(root, typed) {
  for (const node of root.querySelectorAll("input[data-holds], textarea[data-holds], select[data-holds]")) {
    const value = typed[node.dataset.block]?.[node.dataset.action];
    if (value && !["datetime-local", "file"].includes(node.type)) node.value = value;
  }
}
