interface VSCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VSCodeApi;

/** The way to the extension: sends messages, hands over those that the check lets through, keeps the view's own state. */
export class Host<Incoming, Outgoing> {
  private readonly api = acquireVsCodeApi();

  constructor(check: (value: unknown) => value is Incoming, receive: (message: Incoming) => void) {
    window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (check(data)) receive(data);
    });
  }

  send(message: Outgoing): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window's: there is one receiver only
    this.api.postMessage(message);
  }

  get state(): unknown {
    return this.api.getState();
  }

  set state(state: unknown) {
    this.api.setState(state);
  }
}
