import { test } from 'vitest';
import { inAnswers, inArguments, inCompanies, inFiles } from '../long-text-calls.ts';
import { UNITS } from '../long-texts.ts';

test('companies of any sign 200,000 times are collected', () => inCompanies(UNITS));
test('answers of any sign 200,000 times are told', () => inAnswers(UNITS));
test('files of any sign 200,000 times are imported or refused', () => inFiles(UNITS));
test('arguments of any sign 200,000 times are answered', () => inArguments(UNITS, 6));
