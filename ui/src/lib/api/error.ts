import type { ErrorBody } from '$lib/api/types';

/** What the back end refused, as it said it. The words for people live in `$lib/errors`. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.code);
    this.name = 'ApiError';
    this.status = status;
    this.body = body;
  }

  get code(): string {
    return this.body.code;
  }
}

/** What the shell refused, as it said it; under `otherwise` when it said nothing that is known. */
export function shellRefusal(thrown: unknown, otherwise: string): ApiError {
  const said = thrown as Partial<ErrorBody> | null | undefined;
  const known = typeof said === 'object' && typeof said?.code === 'string';
  return new ApiError(0, {
    code: known ? String(said.code) : otherwise,
    params: (known && said.params) || {},
  });
}

/** Any thrown thing as an error that can be shown; a broken transport has no code of its own. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError(0, { code: 'ui.unreachable', params: {} });
}
