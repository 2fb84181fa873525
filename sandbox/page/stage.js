// The bar above: the clock, and what goes wrong.

import { get, post, remove } from "./api.js";
import { $, toast } from "./dom.js";
import { fullTime, longSpan, now, setNow } from "./when.js";

const BEFORE_DUE_SECONDS = 3;
const SLOW_SECONDS = 20;

export class Stage {
  constructor(chats, insta) {
    this.chats = chats;
    this.insta = insta;
    $("clock-hour").addEventListener("click", () => this.advance(3600));
    $("clock-next").addEventListener("click", () => this.toNext());
    this.switch("t-down", () => this.state.is_down, (on) => post("instagram/down", { down: on }));
    this.fault("t-lose", { action: "drop_after", route: "publish", label: "lose" });
    this.fault("t-reject", { action: "reject_media", route: "create", label: "reject" });
    this.switch(
      "t-slow",
      () => this.state.settings.processing_seconds > 0,
      (on) => post("instagram/settings", { processing_seconds: on ? SLOW_SECONDS : 0 }),
    );
    $("t-revoke").addEventListener("click", () => this.revoke());
    insta.onChosen = () => this.show();
    if (matchMedia("(min-width: 900px)").matches) $("trouble").open = true;
    setInterval(() => this.tick(), 1000);
  }

  get state() {
    return this.insta.state;
  }

  async loadClock() {
    const { now: iso, shift_seconds: shift } = await get("clock");
    setNow(iso, shift);
    const chip = $("clock-shift");
    chip.hidden = Math.abs(shift) < 1;
    chip.textContent = `${longSpan(shift)} ${shift < 0 ? "behind" : "ahead"}`;
    this.tick();
  }

  tick() {
    $("clock-now").textContent = fullTime(now());
    const due = this.nextDue();
    const button = $("clock-next");
    button.disabled = due === null || due - now() < BEFORE_DUE_SECONDS * 1000;
    button.title = due === null ? "Nothing is scheduled" : `The next post is due ${fullTime(due)}`;
  }

  advance(seconds) {
    return post("clock", { advance_seconds: seconds });
  }

  nextDue() {
    const dues = this.chats.map((chat) => chat.nextDue()).filter((due) => due !== null);
    return dues.length ? Math.min(...dues) : null;
  }

  toNext() {
    const due = this.nextDue();
    if (due !== null) return this.advance(Math.max(0, (due - now()) / 1000 - BEFORE_DUE_SECONDS));
  }

  // A switch shows what holds in the sandbox, not what was last pressed.
  switch(id, isOn, set) {
    $(id).isOn = isOn;
    $(id).addEventListener("click", () => set(!isOn()).catch((error) => toast(error.message)));
  }

  fault(id, fault) {
    this.switch(
      id,
      () => this.state.faults.some((one) => one.label === fault.label),
      (on) => (on ? post("instagram/faults", fault) : remove(`instagram/faults?label=${fault.label}`)),
    );
  }

  async revoke() {
    const { username } = this.insta.account;
    await post(`instagram/accounts/${username}/kill-tokens`, {});
    toast(`${username}: the token is revoked`);
  }

  show() {
    let count = 0;
    for (const id of ["t-down", "t-lose", "t-slow", "t-reject"]) {
      const isOn = $(id).isOn();
      $(id).setAttribute("aria-pressed", String(isOn));
      count += isOn;
    }
    $("t-revoke").disabled = !this.insta.account.is_connected;
    $("trouble-count").hidden = !count;
    $("trouble-count").textContent = String(count);
    document.body.classList.toggle("is-down", this.state.is_down);
  }
}
