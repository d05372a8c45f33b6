/** The time on the wall, once a second, for clocks that run on the screen. */
export class Ticker {
  now = $state(Date.now());

  /** Runs until the returned function is called. */
  start(): () => void {
    const timer = setInterval(() => {
      this.now = Date.now();
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }
}
