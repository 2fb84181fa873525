// Things to send for someone who has no file at hand.

const pictures = {
  "autumn-latte.jpg": "A latte among autumn leaves",
  "cherry-cake.jpg": "A slice of cherry cake",
  "terrace.jpg": "The café's terrace under a chestnut tree",
  "new-mugs.jpg": "Four colourful mugs on shelves",
  "pumpkin-soup.jpg": "A bowl of pumpkin soup",
};

export const samples = [
  { name: "A photo", files: ["autumn-latte.jpg"], words: "Autumn menu is here 🍂 #cafe\nin 20 seconds" },
  {
    name: "An album",
    files: ["terrace.jpg", "cherry-cake.jpg", "pumpkin-soup.jpg", "new-mugs.jpg"],
    words: "November at the Lindenhof,\nin four pictures\ntomorrow 9am",
  },
  { name: "A video", files: ["latte.mp4"], poster: "story-latte.jpg", words: "Freshly poured ☕\nin 30 seconds" },
  { name: "No time", files: ["new-mugs.jpg"], words: "New mugs! Which one is yours?" },
  { name: "A tall photo", files: ["story-latte.jpg"], words: "in 1 minute" },
];

export const phrases = ["in 20 seconds", "tomorrow 9am", "fri 18:30", "tonight", "yesterday 9am", "make it 10am"];

export const altOf = (name) => pictures[name] || "";

export async function sampleFile(name) {
  const answer = await fetch(`/page/samples/${name}`);
  const blob = await answer.blob();
  return new File([blob], name, { type: blob.type });
}
