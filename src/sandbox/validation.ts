import { isLocation } from './countries.ts';
import { FUNDING_STAGES } from './vocabulary.ts';

/** A submit as accepted, defaults filled in. */
export interface JobBody {
  query?: string;
  seed_domains?: string[];
  limit: number;
  min_employees?: number;
  max_employees?: number;
  funding_stages?: string[];
  locations?: string[];
  search_type: 'semantic' | 'agentic';
}

/** One entry of a FastAPI 422 (contract, "Errors"). */
export interface Problem {
  loc: Array<string | number>;
  msg: string;
  type: string;
}

/** Checks a submit's JSON as the documented rules have it; problems come in FastAPI's form. */
export function validateSubmit(input: unknown): { body: JobBody } | { problems: Problem[] } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return {
      problems: [{ loc: ['body'], msg: 'Input should be a valid dictionary', type: 'model_attributes_type' }],
    };
  }
  const given = input as Record<string, unknown>;
  const problems: Problem[] = [];
  const wrong = (field: string, msg: string, type = 'value_error') =>
    problems.push({ loc: ['body', field], msg, type });
  const present = (field: string) => given[field] !== undefined && given[field] !== null;

  const integer = (field: string, min: number, max: number): number | undefined => {
    if (!present(field)) return undefined;
    const value = given[field];
    if (typeof value !== 'number' || !Number.isInteger(value))
      wrong(field, 'Input should be a valid integer', 'int_type');
    else if (value < min)
      wrong(field, `Input should be greater than or equal to ${min}`, 'greater_than_equal');
    else if (value > max) wrong(field, `Input should be less than or equal to ${max}`, 'less_than_equal');
    else return value;
    return undefined;
  };
  const strings = (field: string, allowed: (value: string) => boolean, msg: string): string[] | undefined => {
    if (!present(field)) return undefined;
    const value = given[field];
    if (!Array.isArray(value) || !value.every((item): item is string => typeof item === 'string')) {
      wrong(field, 'Input should be a valid list of strings', 'list_type');
      return undefined;
    }
    if (!value.every(allowed)) wrong(field, msg);
    return value;
  };

  if (present('query') && typeof given.query !== 'string')
    wrong('query', 'Input should be a valid string', 'string_type');
  const query = typeof given.query === 'string' && given.query.trim() !== '' ? given.query : undefined;
  const seeds = strings('seed_domains', () => true, '');
  if (seeds?.length === 0) wrong('seed_domains', 'List should have at least 1 item', 'too_short');
  if (seeds && seeds.length > 10) wrong('seed_domains', 'List should have at most 10 items', 'too_long');
  if (query === undefined && seeds === undefined && problems.length === 0) {
    wrong('query', 'At least one of query and seed_domains is required');
  }
  const limit = integer('limit', 1, 10_000) ?? 100;
  const min = integer('min_employees', 0, Number.MAX_SAFE_INTEGER);
  const max = integer('max_employees', 0, Number.MAX_SAFE_INTEGER);
  if (min !== undefined && max !== undefined && min > max)
    wrong('max_employees', 'max_employees is less than min_employees');
  const stages = strings(
    'funding_stages',
    (stage) => FUNDING_STAGES.includes(stage),
    'Input should be a known funding stage',
  );
  const locations = strings('locations', isLocation, 'Input should be ISO 3166-1 alpha-3 or EU');
  const type: unknown = given.search_type ?? 'semantic';
  if (type !== 'semantic' && type !== 'agentic')
    wrong('search_type', "Input should be 'semantic' or 'agentic'", 'literal_error');
  if (problems.length > 0) return { problems };
  // An empty list of stages or locations filters nothing.
  return {
    body: {
      ...(query === undefined ? {} : { query }),
      ...(seeds === undefined ? {} : { seed_domains: seeds }),
      limit,
      ...(min === undefined ? {} : { min_employees: min }),
      ...(max === undefined ? {} : { max_employees: max }),
      ...(stages === undefined || stages.length === 0 ? {} : { funding_stages: stages }),
      ...(locations === undefined || locations.length === 0 ? {} : { locations }),
      search_type: type === 'agentic' ? 'agentic' : 'semantic',
    },
  };
}
