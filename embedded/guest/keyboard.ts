/** What a key types on a keyboard of the United States: alone, and with shift. */
const typed: Readonly<Record<string, string>> = {
  spc: "  ",
  minus: "-_",
  equal: "=+",
  bracket_left: "[{",
  bracket_right: "]}",
  semicolon: ";:",
  apostrophe: "'\"",
  grave_accent: "`~",
  backslash: "\\|",
  comma: ",<",
  less: "<>",
  dot: ".>",
  slash: "/?",
  asterisk: "**",
  ...Object.fromEntries([..."1234567890"].map((digit, index) => [digit, digit + "!@#$%^&*()".charAt(index)])),
  ...Object.fromEntries(
    [..."abcdefghijklmnopqrstuvwxyz"].map((letter) => [letter, letter + letter.toUpperCase()]),
  ),
};

/** Reads keys in QEMU's names and gives every line when it is finished. */
export function createKeyboard(onLine: (line: string) => void): (keys: string) => void {
  let line = "";
  return (keys) => {
    const parts = keys.split("-");
    const key = parts.at(-1) ?? "";
    if (key === "ret" || key === "kp_enter") {
      onLine(line);
      line = "";
    } else if (key === "backspace") line = line.slice(0, -1);
    else line += typed[key]?.charAt(parts.includes("shift") ? 1 : 0) ?? "";
  };
}
