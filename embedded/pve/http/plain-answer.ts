/** An endpoint's whole body, where it is more than `{data}`. */
export class PlainAnswer {
  readonly body: Readonly<Record<string, unknown>>;

  constructor(body: Readonly<Record<string, unknown>>) {
    this.body = body;
  }
}
