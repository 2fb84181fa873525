// Puts the page together and keeps it in step with the sandbox.

import { gathered, get, listen, post } from "./api.js";
import { Chat } from "./chat.js";
import { Coach } from "./coach.js";
import { $, alertBox } from "./dom.js";
import { Insta } from "./insta.js";
import { Stage } from "./stage.js";
import { tick } from "./when.js";

const PERSON = "Dana";

async function open() {
  const person = await post("telegram/people", { name: PERSON });
  const chat = new Chat(person);
  const insta = new Insta();
  const stage = new Stage(chat, insta);
  const coach = new Coach(chat, insta);

  // From when both parts were read once, every change shows as one.
  const settle = () => {
    coach.show();
    if (insta.state && chat.isStarted !== undefined) document.body.dataset.ready = "1";
  };
  const readChat = gathered(async () => {
    await chat.load();
    stage.tick();
    settle();
  });
  const readInsta = gathered(async () => {
    insta.show(await get("instagram/state"));
    stage.show();
    settle();
  });
  const readClock = gathered(() => stage.loadClock());
  const readBot = gathered(() => chat.loadBot());

  const tabs = wireTabs();
  chat.onNews = () => tabs.news("chat");
  insta.onNews = () => tabs.news("insta");
  insta.onAsked = () => tabs.show("insta");

  listen(
    (event) => {
      if (event.area === "instagram") return readInsta();
      if (event.area === "clock") return readClock();
      if (event.kind === "action") return chat.typing();
      if (event.kind === "commands") return readBot();
      if (event.kind === "answer") return;
      return readChat();
    },
    async () => {
      $("offline").hidden = true;
      // A sandbox that began anew knows nobody of before.
      const again = await post("telegram/people", { name: PERSON });
      if (again.id !== person.id) return location.reload();
      for (const read of [readClock, readChat, readInsta, readBot]) read();
    },
    () => ($("offline").hidden = false),
  );
  setInterval(() => tick(), 1000);
  await pressStart(chat);
}

// A t.me link of the bot leads here as /?start=…
async function pressStart(chat) {
  const payload = new URLSearchParams(location.search).get("start");
  if (payload === null) return;
  history.replaceState(null, "", "/");
  await chat.start(payload);
}

// On a narrow page one part is shown at a time; a dot tells of news in the other.
function wireTabs() {
  const names = ["chat", "insta"];
  const show = (name) => {
    document.body.dataset.tab = name;
    for (const one of names) {
      $(`tab-${one}`).setAttribute("aria-selected", String(one === name));
      $(`tab-${one}`).tabIndex = one === name ? 0 : -1;
    }
    $(`tab-${name}`).querySelector(".dot").hidden = true;
  };
  for (const name of names) {
    $(`tab-${name}`).addEventListener("click", () => show(name));
    $(`tab-${name}`).addEventListener("keydown", (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      const other = names.find((one) => one !== name);
      show(other);
      $(`tab-${other}`).focus();
    });
  }
  show("chat");
  const news = (name) => {
    if (document.body.dataset.tab !== name) $(`tab-${name}`).querySelector(".dot").hidden = false;
  };
  return { show, news };
}

open().catch((error) => alertBox(`The page could not start: ${error.message}`));
