// SPDX-License-Identifier: EUPL-1.2
/* watch_screen.h - a terminal as a whole screen: frames of lines, keys, its size. What it was is given back at the end, also after
 * Ctrl-C: the signals that end a program, and the one that tells of another size, are held and looked at here. */
#ifndef DOORBRAAK_WATCH_SCREEN_H
#define DOORBRAAK_WATCH_SCREEN_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <termios.h>

#define SCREEN_ROWS_MAX 200
#define SCREEN_COLS_MAX 400

enum screen_style { SCREEN_PLAIN, SCREEN_BAR, SCREEN_HEAD, SCREEN_ALARM, SCREEN_SOON, SCREEN_FRESH, SCREEN_FAINT };

enum screen_key {
	SCREEN_NONE = 0, /* a letter is itself */
	SCREEN_STOP = 256,
	SCREEN_RESIZED,
	SCREEN_UP,
	SCREEN_DOWN,
	SCREEN_PAGE_UP,
	SCREEN_PAGE_DOWN,
	SCREEN_HOME,
	SCREEN_END,
};

struct screen_line {
	enum screen_style style;
	char text[SCREEN_COLS_MAX + 1]; /* ASCII; longer than the screen is wide is cut */
};

struct screen {
	FILE *out;
	bool colour, keys;
	unsigned rows, cols;
	struct termios before;
	sigset_t signals, signals_before;
};

/* Can `out` be a screen? Not when it is no terminal, or one that can do nothing (TERM=dumb). */
bool screen_is_possible(FILE *out);
void screen_open(struct screen *screen, FILE *out);
void screen_close(struct screen *screen);
/* What came since the last time, one at a time; does not wait. A key, or an enum screen_key. */
int screen_key(struct screen *screen);
/* Shows these lines from the top; what is below them is empty. False: the terminal is gone. */
bool screen_show(struct screen *screen, const struct screen_line *lines, unsigned count);

#endif
