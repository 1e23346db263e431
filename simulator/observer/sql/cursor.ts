/**
 * The parser's place in the tokens: look ahead, take, demand, refuse.
 *
 * Knows no grammar. The refusal is ERROR 1064 in the words of an observer (decisions.md §9.5): near the offending token
 * and what follows it, with its line.
 */
import { type Refusal, refuse } from '../refusal.ts';
import { lineAt, PLAIN_SPELLING, Scanner, type Spelling, type Token } from './scanner.ts';

/** An observer quotes at most this much of the text (its own limit, in characters). */
const NEAR_LENGTH = 80;

/** Words that are no names unless they stand in backquotes (MySQL 5.7, "Keywords and Reserved Words"). */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'ADD ALL ALTER ANALYZE AND AS ASC BETWEEN BIGINT BINARY BLOB BY CALL CASCADE CASE CHANGE CHAR CHARACTER CHECK COLLATE ' +
    'COLUMN CONSTRAINT CONVERT CREATE CROSS CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DATABASE DATABASES ' +
    'DECIMAL DEFAULT DELAYED DELETE DESC DESCRIBE DISTINCT DISTINCTROW DIV DOUBLE DROP DUAL EACH ELSE EXISTS EXPLAIN FALSE ' +
    'FLOAT FOR FORCE FOREIGN FROM FULLTEXT GRANT GROUP HAVING HIGH_PRIORITY IF IGNORE IN INDEX INNER INSERT INT INTEGER ' +
    'INTERVAL INTO IS JOIN KEY KEYS KILL LEADING LEFT LIKE LIMIT LINES LOAD LOCALTIME LOCALTIMESTAMP LOCK LONG LONGBLOB ' +
    'LONGTEXT LOW_PRIORITY MATCH MEDIUMBLOB MEDIUMINT MEDIUMTEXT MOD NATURAL NOT NULL NUMERIC ON OPTIMIZE OR ORDER OUTER ' +
    'OUTFILE PRECISION PRIMARY PROCEDURE PURGE RANGE READ REFERENCES REGEXP RELEASE RENAME REPEAT REPLACE REQUIRE RESTRICT ' +
    'REVOKE RIGHT RLIKE SCHEMA SCHEMAS SELECT SEPARATOR SET SHOW SMALLINT SPATIAL SSL STARTING STRAIGHT_JOIN TABLE THEN ' +
    'TINYBLOB TINYINT TINYTEXT TO TRAILING TRIGGER TRUE UNION UNIQUE UNLOCK UNSIGNED UPDATE USAGE USE USING UTC_DATE ' +
    'UTC_TIME UTC_TIMESTAMP VALUES VARBINARY VARCHAR WHEN WHERE WHILE WITH WRITE XOR ZEROFILL'
  ).split(' '),
);

/** Expressions and queries inside one another: parser, binder and evaluator go down as deep, and the stack has an end. */
const MOST_NESTED = 400;
/** Operators in a row make a tree as deep. */
const MOST_CHAINED = 3000;

export class Cursor {
  readonly text: string;
  readonly spelling: Spelling;
  #nested = 0;
  readonly #scanner: Scanner;
  readonly #tokens: Token[] = [];
  #index = 0;
  /** How many `?` have been taken; null where they are no SQL. */
  #parameters: number | null;

  constructor(text: string, at = 0, prepared = false, spelling = PLAIN_SPELLING) {
    this.text = text;
    this.spelling = spelling;
    this.#parameters = prepared ? 0 : null;
    this.#scanner = new Scanner(text, at, spelling);
  }

  /** The token `ahead` places on; 0 is the one that comes next. */
  peek(ahead = 0): Token {
    const wanted = this.#index + ahead;
    while (this.#tokens.length <= wanted) this.#tokens.push(this.#scanner.next());
    return this.#tokens[wanted]!;
  }

  /** Something begins inside of what is being read; `shallower` when it has ended. */
  deeper(): void {
    this.#nested += 1;
    if (this.#nested > MOST_NESTED) throw refuse('NOT_SUPPORTED_DETAIL', `nesting deeper than ${MOST_NESTED}`);
  }

  shallower(): void {
    this.#nested -= 1;
  }

  /** So many operators stand in a row. */
  chained(count: number): void {
    if (count > MOST_CHAINED) throw refuse('NOT_SUPPORTED_DETAIL', `more than ${MOST_CHAINED} operators in a row`);
  }

  take(): Token {
    const token = this.peek();
    this.#index += 1;
    return token;
  }

  /** Takes a `?`; answers which one it is, from 0. A `Refusal` if it is none, or nothing is being prepared. */
  parameter(): number {
    if (this.#parameters === null || !this.acceptMark('?')) throw this.refusal();
    this.#parameters += 1;
    return this.#parameters - 1;
  }

  get parameters(): number {
    return this.#parameters ?? 0;
  }

  /** Where the token taken last ended. */
  get lastEnd(): number {
    return this.#index === 0 ? 0 : this.#tokens[this.#index - 1]!.end;
  }

  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'word' && token.upper === word;
  }

  isMark(mark: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'mark' && token.text === mark;
  }

  /** Takes these words if they come next, all of them. */
  accept(...words: readonly string[]): boolean {
    for (let i = 0; i < words.length; i += 1) if (!this.isWord(words[i]!, i)) return false;
    this.#index += words.length;
    return true;
  }

  acceptMark(mark: string): boolean {
    if (!this.isMark(mark)) return false;
    this.#index += 1;
    return true;
  }

  expect(...words: readonly string[]): void {
    for (const word of words) if (!this.accept(word)) throw this.refusal();
  }

  expectMark(mark: string): void {
    if (!this.acceptMark(mark)) throw this.refusal();
  }

  /** True if the next token can be a name. */
  isName(ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'quoted' || (token.kind === 'word' && !RESERVED.has(token.upper));
  }

  name(): string {
    if (!this.isName()) throw this.refusal();
    return this.take().text;
  }

  /** A name, or any word behind a point, where reserved words are names too. */
  anyName(): string {
    const token = this.peek();
    if (token.kind !== 'quoted' && token.kind !== 'word') throw this.refusal();
    return this.take().text;
  }

  /** A word in capitals, whatever it is. */
  word(): string {
    if (this.peek().kind !== 'word') throw this.refusal();
    return this.take().upper;
  }

  /** Nothing more in this statement: the end of the text, or a `;`. */
  get atEnd(): boolean {
    const token = this.peek();
    return (token.kind === 'end' && token.text === '') || this.isMark(';');
  }

  /** ERROR 1064 at the token that comes next. */
  refusal(): Refusal {
    const token = this.peek();
    const near = this.text.slice(token.start, token.start + NEAR_LENGTH);
    return refuse('SYNTAX', near, lineAt(this.text, token.start));
  }
}
