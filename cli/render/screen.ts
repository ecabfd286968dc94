import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where a command's text goes. */
export interface Screen {
  /** A person sees stdout move: lists may redraw themselves. */
  readonly isTerminal: boolean;
  /** A person can be asked: stdin and stdout are a terminal. */
  readonly canAsk: boolean;
  /** Lines that fit on the terminal. */
  readonly rows: number;
  /** A line, or several, on stdout. */
  print(text: string): void;
  /** A line, or several, on stderr. */
  warn(text: string): void;
  /** Colours a text where stdout shows colours (a terminal; NO_COLOR and FORCE_COLOR decide before that). */
  paint(style: Style, text: string): string;
}

/** The screen of this process. */
export function openScreen(): Screen {
  const { stdin, stdout, stderr } = process;
  for (const stream of [stdout, stderr]) stream.on("error", ignoreHangup);
  return {
    isTerminal: stdout.isTTY === true,
    canAsk: stdin.isTTY === true && stdout.isTTY === true,
    rows: stdout.rows || 24,
    print: (text) => void stdout.write(`${text}\n`),
    warn: (text) => void stderr.write(`${text}\n`),
    paint: (style, text) => styleText(style, text, { stream: stdout }),
  };
}

/** The reader went away (`| head`, a closed terminal). Terraform must end cleanly all the same, so work goes on unseen. */
function ignoreHangup(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
}
