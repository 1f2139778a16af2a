// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/watch_screen.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define ESC "\033["

static const char *const styles[] = {
    [SCREEN_PLAIN] = "",       [SCREEN_BAR] = ESC "7m",   [SCREEN_HEAD] = ESC "1m",  [SCREEN_ALARM] = ESC "1;31m",
    [SCREEN_SOON] = ESC "33m", [SCREEN_FRESH] = ESC "1m", [SCREEN_FAINT] = ESC "2m",
};

static bool
is_colour(enum screen_style style)
{
	return style == SCREEN_ALARM || style == SCREEN_SOON;
}

bool
screen_is_possible(FILE *out)
{
	const char *term = getenv("TERM");

	return isatty(fileno(out)) == 1 && term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

static void
measure(struct screen *s)
{
	struct winsize size;

	s->rows = 24;
	s->cols = 80;
	if (ioctl(fileno(s->out), TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
		s->rows = size.ws_row;
		s->cols = size.ws_col;
	}
	s->rows = s->rows < SCREEN_ROWS_MAX ? s->rows : SCREEN_ROWS_MAX;
	s->cols = s->cols < SCREEN_COLS_MAX ? s->cols : SCREEN_COLS_MAX;
}

void
screen_open(struct screen *s, FILE *out)
{
	const char *no_colour = getenv("NO_COLOR");
	struct termios raw;

	*s = (struct screen){.out = out, .colour = no_colour == NULL || no_colour[0] == '\0'};
	sigemptyset(&s->signals);
	sigaddset(&s->signals, SIGINT);
	sigaddset(&s->signals, SIGTERM);
	sigaddset(&s->signals, SIGHUP);
	sigaddset(&s->signals, SIGTSTP); /* held: a stopped program would leave the terminal as it is now */
	sigaddset(&s->signals, SIGWINCH);
	sigprocmask(SIG_BLOCK, &s->signals, &s->signals_before);
	s->keys = tcgetattr(STDIN_FILENO, &s->before) == 0;
	if (s->keys) {
		raw = s->before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 0;
		raw.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	measure(s);
	fputs(ESC "?1049h" ESC "?25l", out);
}

void
screen_close(struct screen *s)
{
	fputs(ESC "?25h" ESC "?1049l", s->out);
	fflush(s->out);
	if (s->keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &s->before);
	/* What was held ends us now, unless it has been looked at. */
	sigprocmask(SIG_SETMASK, &s->signals_before, NULL);
}

static int
read_escape(void)
{
	static const struct {
		const char *sequence;
		int key;
	} all[] = {{"[A", SCREEN_UP},       {"[B", SCREEN_DOWN},       {"OA", SCREEN_UP},   {"OB", SCREEN_DOWN},
		   {"[5~", SCREEN_PAGE_UP}, {"[6~", SCREEN_PAGE_DOWN}, {"[H", SCREEN_HOME}, {"[F", SCREEN_END},
		   {"[1~", SCREEN_HOME},    {"[4~", SCREEN_END}};
	char rest[8] = "";

	/* One sequence: more may have come behind it. */
	for (unsigned n = 0; n + 1 < sizeof rest && read(STDIN_FILENO, &rest[n], 1) == 1; n++)
		if (n > 0 && (rest[n] < '0' || rest[n] > ';'))
			break;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (strcmp(rest, all[i].sequence) == 0)
			return all[i].key;
	return SCREEN_NONE;
}

int
screen_key(struct screen *s)
{
	const struct timespec at_once = {0};
	char key;

	const int signal = sigtimedwait(&s->signals, NULL, &at_once);
	if (signal == SIGWINCH) {
		measure(s);
		return SCREEN_RESIZED;
	}
	if (signal == SIGINT || signal == SIGTERM || signal == SIGHUP)
		return SCREEN_STOP;
	if (!s->keys || read(STDIN_FILENO, &key, 1) != 1)
		return SCREEN_NONE;
	return key == '\033' ? read_escape() : key;
}

bool
screen_show(struct screen *s, const struct screen_line *lines, unsigned count)
{
	fputs(ESC "H", s->out);
	for (unsigned i = 0; i < count && i < s->rows; i++) {
		const struct screen_line *l = &lines[i];
		const bool styled = s->colour || !is_colour(l->style);
		const int width = (int)s->cols;
		/* A bar goes to the edge. */
		fprintf(s->out, "%s" ESC "K%s%-*.*s%s", i > 0 ? "\r\n" : "", styled ? styles[l->style] : "",
			l->style == SCREEN_BAR ? width : 0, width, l->text,
			styled && styles[l->style][0] != '\0' ? ESC "0m" : "");
	}
	fputs(ESC "J", s->out);
	return fflush(s->out) == 0;
}
