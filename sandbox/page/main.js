// Puts the page together and keeps it in step with the sandbox.

import { gathered, get, listen, post } from "./api.js";
import { Chat } from "./chat.js";
import { Coach } from "./coach.js";
import { $, alertBox } from "./dom.js";
import { Insta } from "./insta.js";
import { Slack } from "./slack.js";
import { Stage } from "./stage.js";
import { tick } from "./when.js";

// `?as=Mia` is a second person, `&language=de` how they are spoken to, `?with=Mia,Tom` opens a
// group with them in both chats. A tab keeps who it is.
function asked() {
  const query = new URLSearchParams(location.search);
  for (const name of ["as", "language"]) if (query.get(name)) sessionStorage.setItem(name, query.get(name));
  const others = (query.get("with") || "").split(",").map((one) => one.trim()).filter(Boolean);
  return { name: sessionStorage.getItem("as") || "Dana", language: sessionStorage.getItem("language") || "en", others };
}

async function open() {
  const { name, language, others } = asked();
  const person = await post("telegram/people", { name, language });
  const chat = new Chat(person);
  const slack = await Slack.open(name, language);
  if (others.length) await Promise.all([chat.gather(others), slack.gather(others)]);
  const insta = new Insta();
  const stage = new Stage([chat, slack], insta);
  const coach = new Coach(chat, insta);

  // From when both parts were read once, every change shows as one.
  const settle = () => {
    coach.show();
    if (insta.state && slack.state && chat.isStarted !== undefined) document.body.dataset.ready = "1";
  };
  const readChat = gathered(async () => {
    await chat.load();
    stage.tick();
    settle();
  });
  const readSlack = gathered(async () => {
    await slack.load();
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
  slack.onNews = () => tabs.news("slack");
  insta.onNews = () => tabs.news("insta");
  insta.onAsked = () => tabs.show("insta");

  listen(
    (event) => {
      if (event.area === "instagram") return readInsta();
      if (event.area === "clock") return readClock();
      if (event.area === "slack") return readSlack();
      if (event.kind === "action") return chat.typing();
      if (event.kind === "commands") return readBot();
      if (event.kind === "answer") return;
      return readChat();
    },
    async () => {
      $("offline").hidden = true;
      // A sandbox that began anew knows nobody of before.
      const again = await post("telegram/people", { name });
      const there = await post("slack/people", { name });
      if (again.id !== person.id || there.id !== slack.person.id) return location.reload();
      for (const read of [readClock, readChat, readSlack, readInsta, readBot]) read();
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

// One of the two chats is shown; on a narrow page, one part at a time. A dot tells of news.
function wireTabs() {
  const names = ["chat", "slack", "insta"];
  const wide = matchMedia("(min-width: 900px)");
  const isShown = (name) => document.body.dataset.tab === name || (wide.matches && (name === "insta" || document.body.dataset.chat === name));
  const show = (name) => {
    document.body.dataset.tab = name;
    if (name !== "insta") document.body.dataset.chat = name;
    sessionStorage.setItem("tab", name);
    for (const one of names) {
      $(`tab-${one}`).setAttribute("aria-selected", String(one === name));
      $(`tab-${one}`).tabIndex = one === name ? 0 : -1;
      if (isShown(one)) $(`tab-${one}`).querySelector(".dot").hidden = true;
    }
  };
  for (const name of names) {
    $(`tab-${name}`).addEventListener("click", () => show(name));
    $(`tab-${name}`).addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      const usable = names.filter((one) => $(`tab-${one}`).offsetParent);
      const other = usable.at((usable.indexOf(name) + step) % usable.length);
      show(other);
      $(`tab-${other}`).focus();
    });
  }
  // What stood on a narrow page may have no tab on a wide one.
  wide.addEventListener("change", () => wide.matches && show(document.body.dataset.chat));
  const kept = sessionStorage.getItem("tab");
  show(names.includes(kept) && !(wide.matches && kept === "insta") ? kept : "chat");
  const news = (name) => {
    if (!isShown(name)) $(`tab-${name}`).querySelector(".dot").hidden = false;
  };
  return { show: (name) => (wide.matches && name === "insta" ? null : show(name)), news };
}

open().catch((error) => alertBox(`The page could not start: ${error.message}`));
