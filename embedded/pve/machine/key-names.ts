/** Names of keys as QEMU 10 has them (QKeyCode); combinations join them with `-`. */
const named =
  "shift shift_r alt alt_r ctrl ctrl_r menu esc minus equal backspace tab bracket_left bracket_right ret semicolon " +
  "apostrophe grave_accent backslash comma dot slash asterisk spc caps_lock num_lock scroll_lock kp_divide " +
  "kp_multiply kp_subtract kp_add kp_enter kp_decimal kp_comma kp_equals sysrq less print home pgup pgdn end left up " +
  "down right insert delete pause meta_l meta_r compose power sleep wake help stop again props undo front copy open " +
  "paste find cut lf henkan muhenkan katakanahiragana hiragana ro yen audionext audioprev audiostop audioplay " +
  "audiomute volumeup volumedown mediaselect mail calculator computer ac_home ac_back ac_forward ac_refresh ac_bookmarks";

const keys = new Set([
  ...named.split(" "),
  ..."abcdefghijklmnopqrstuvwxyz0123456789",
  ...Array.from({ length: 24 }, (_, index) => `f${index + 1}`),
  ...Array.from({ length: 10 }, (_, index) => `kp_${index}`),
]);

/** The first part of a key combination that is no key; undefined when all are. */
export function unknownKey(combination: string): string | undefined {
  const parts = combination.split("-").map((part) => (part === "<" ? "less" : part));
  return parts.find((part) => !keys.has(part) && !/^0x[0-9a-f]{1,4}$/i.test(part));
}
