// The address in the bar as state.
import { parseRoute, type Route } from '$lib/app/route';

export class Router {
  route = $state.raw<Route>({ name: 'visits' });

  /** Follows the address until the returned function is called. */
  follow(): () => void {
    const read = () => {
      this.route = parseRoute(window.location.hash);
    };
    read();
    window.addEventListener('hashchange', read);
    return () => {
      window.removeEventListener('hashchange', read);
    };
  }

  go(to: string): void {
    window.location.hash = to;
  }

  /** Goes there without a step to come back to. */
  replace(to: string): void {
    window.history.replaceState(null, '', to);
    this.route = parseRoute(to);
  }
}
