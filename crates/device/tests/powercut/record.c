/*
 * Runs a program and records, in order, what it asks of the disk below one folder.
 *
 *     record LOG FOLDER PROGRAM [ARGUMENT]...
 *
 * It traces system calls instead of replacing functions of libc, because not every rename goes through
 * libc. What a call wrote is logged once the call has returned. A call that could change a file and
 * that this recorder does not understand ends the run: a recording is whole or there is none.
 * What the program says on its standard output is logged too, as the mark of an acknowledgement.
 *
 * A log is a row of entries: kind (1 byte), length of the path (4), path below the folder, number (8),
 * length of the bytes (4), bytes; integers as the machine has them. Kinds:
 *   C file made   M folder made   U name removed   R renamed to (bytes)   W bytes written at (number)
 *   T cut to (number)   A lengthened to at least (number)   S synced   K said
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_THREADS = 64, MOST_VECTORS = 64 };

/* A call that has begun. */
struct call {
	pid_t thread;
	uint64_t number;
	uint64_t arguments[6];
	int was_there; /* an open: the file was there before */
};

static struct call calls[MOST_THREADS];
static FILE *output;
static const char *folder;

static void fail(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("record: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(70); /* and the traced program with it */
}

static struct call *call_of(pid_t thread)
{
	for (int at = 0; at < MOST_THREADS; at++) {
		if (calls[at].thread == thread || calls[at].thread == 0) {
			calls[at].thread = thread;
			return &calls[at];
		}
	}
	fail("more than %d threads", MOST_THREADS);
	return NULL;
}

static void put(const void *bytes, size_t length)
{
	if (length > 0 && fwrite(bytes, length, 1, output) != 1)
		fail("the log cannot be written: %s", strerror(errno));
}

static void entry(char kind, const char *path, uint64_t number, const void *bytes, uint32_t length)
{
	const char *below = path + strlen(folder);
	below += *below == '/';
	uint32_t path_length = strlen(below);
	put(&kind, 1);
	put(&path_length, sizeof path_length);
	put(below, path_length);
	put(&number, sizeof number);
	put(&length, sizeof length);
	put(bytes, length);
}

static int ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);
	return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static int is_ours(const char *path)
{
	size_t length = strlen(folder);
	return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static void fetch(pid_t thread, uint64_t address, void *to, size_t length)
{
	struct iovec here = {to, length}, there = {(void *)(uintptr_t)address, length};
	if (process_vm_readv(thread, &here, 1, &there, 1, 0) != (ssize_t)length)
		fail("memory of the program cannot be read: %s", strerror(errno));
}

static void fetch_text(pid_t thread, uint64_t address, char text[PATH_MAX])
{
	for (size_t at = 0; at < PATH_MAX;) {
		/* A read must not run over the end of the last page. */
		size_t part = 256 - (address + at) % 256;
		part = part < PATH_MAX - at ? part : PATH_MAX - at;
		fetch(thread, address + at, text + at, part);
		if (memchr(text + at, 0, part) != NULL)
			return;
		at += part;
	}
	fail("a path is too long");
}

/* Where a link below /proc of the program leads; 0 when there is none. */
static int follow(char path[PATH_MAX], const char *format, ...)
{
	char link[64];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(link, sizeof link, format, arguments);
	va_end(arguments);
	ssize_t length = readlink(link, path, PATH_MAX - 1);
	path[length < 0 ? 0 : length] = 0;
	return length > 0;
}

static int path_of(pid_t thread, int file, char path[PATH_MAX])
{
	if (!follow(path, "/proc/%d/fd/%d", thread, file) || !is_ours(path))
		return 0;
	if (ends_with(path, " (deleted)"))
		fail("a file without a name is changed: %s", path);
	return 1;
}

/* The whole path of a name that a call was given; 1 when it is below the folder. */
static int named(pid_t thread, int base, uint64_t address, char path[PATH_MAX])
{
	char name[PATH_MAX], from[PATH_MAX];
	fetch_text(thread, address, name);
	if (name[0] == '/') {
		strcpy(path, name);
	} else {
		int found = base == AT_FDCWD ? follow(from, "/proc/%d/cwd", thread)
					     : follow(from, "/proc/%d/fd/%d", thread, base);
		if (!found || snprintf(path, PATH_MAX, "%s/%s", from, name) >= PATH_MAX)
			fail("the folder of %s is not known", name);
	}
	if (strstr(path, "/../") != NULL || ends_with(path, "/.."))
		fail("a path leads upwards: %s", path);
	return is_ours(path);
}

static uint64_t position(pid_t thread, int file)
{
	char name[64];
	unsigned long long at;
	snprintf(name, sizeof name, "/proc/%d/fdinfo/%d", thread, file);
	FILE *description = fopen(name, "r");
	if (description == NULL || fscanf(description, "pos: %llu", &at) != 1)
		fail("the position in a file is not known");
	fclose(description);
	return at;
}

/* What open, openat, openat2 and creat are asked; 0 when it is not about the folder. */
static int opening(const struct call *call, char path[PATH_MAX], uint64_t *flags)
{
	const uint64_t *with = call->arguments;
	struct open_how how;
	switch (call->number) {
#ifdef SYS_open
	case SYS_open:
		*flags = with[1];
		return named(call->thread, AT_FDCWD, with[0], path);
	case SYS_creat:
		*flags = O_CREAT | O_TRUNC | O_WRONLY;
		return named(call->thread, AT_FDCWD, with[0], path);
#endif
	case SYS_openat:
		*flags = with[2];
		return named(call->thread, with[0], with[1], path);
	case SYS_openat2:
		fetch(call->thread, with[2], &how, sizeof how);
		*flags = how.flags;
		return named(call->thread, with[0], with[1], path);
	default:
		return 0;
	}
}

static void opened(const struct call *call)
{
	char path[PATH_MAX];
	uint64_t flags;
	if (!opening(call, path, &flags))
		return;
	if ((flags & O_TMPFILE) == O_TMPFILE)
		fail("a file without a name is made in %s", path);
	if ((flags & O_CREAT) && !call->was_there)
		entry('C', path, 0, NULL, 0);
	else if (flags & O_TRUNC)
		entry('T', path, 0, NULL, 0);
}

static void written(const struct call *call, uint64_t address, uint64_t length, uint64_t at)
{
	char path[PATH_MAX];
	int file = call->arguments[0], is_said = file == STDOUT_FILENO;
	if (length == 0 || !(is_said || path_of(call->thread, file, path)))
		return;
	void *bytes = malloc(length);
	if (bytes == NULL)
		fail("no memory for %llu bytes", (unsigned long long)length);
	fetch(call->thread, address, bytes, length);
	entry(is_said ? 'K' : 'W', is_said ? folder : path, is_said ? 0 : at, bytes, length);
	free(bytes);
}

static void written_in_parts(const struct call *call, uint64_t length, uint64_t at)
{
	struct iovec parts[MOST_VECTORS];
	uint64_t count = call->arguments[2];
	if (count > MOST_VECTORS)
		fail("more than %d parts in one write", MOST_VECTORS);
	fetch(call->thread, call->arguments[1], parts, count * sizeof *parts);
	for (uint64_t part = 0; part < count && length > 0; part++) {
		uint64_t of_it = parts[part].iov_len < length ? parts[part].iov_len : length;
		written(call, (uintptr_t)parts[part].iov_base, of_it, at);
		at += of_it;
		length -= of_it;
	}
}

/* The position before a write that went on from there; what is said has none. */
static uint64_t began(const struct call *call, uint64_t length)
{
	char path[PATH_MAX];
	int file = call->arguments[0];
	return path_of(call->thread, file, path) ? position(call->thread, file) - length : 0;
}

static void renamed(const struct call *call, int from, uint64_t name, int to, uint64_t new_name)
{
	char path[PATH_MAX], new_path[PATH_MAX];
	int left = named(call->thread, from, name, path);
	int arrived = named(call->thread, to, new_name, new_path);
	if (left != arrived)
		fail("%s is moved to %s, over the folder's border", path, new_path);
	if (left) {
		const char *below = new_path + strlen(folder) + 1;
		entry('R', path, 0, below, strlen(below));
	}
}

static void name_changed(const struct call *call, char kind, int base, uint64_t name)
{
	char path[PATH_MAX];
	if (named(call->thread, base, name, path))
		entry(kind, path, 0, NULL, 0);
}

static void file_changed(const struct call *call, char kind, uint64_t number)
{
	char path[PATH_MAX];
	if (path_of(call->thread, call->arguments[0], path))
		entry(kind, path, number, NULL, 0);
}

/* Calls that would change files behind the recorder's back. */
static void refuse(const struct call *call, int file, const char *what)
{
	char path[PATH_MAX];
	if (path_of(call->thread, file, path) && !ends_with(path, "-shm"))
		fail("%s is not recorded: %s", what, path);
}

static void returned(const struct call *call, uint64_t result)
{
	const uint64_t *with = call->arguments;
	switch (call->number) {
#ifdef SYS_open
	case SYS_open:
	case SYS_creat:
#endif
	case SYS_openat:
	case SYS_openat2:
		return opened(call);
	case SYS_write:
		return written(call, with[1], result, began(call, result));
	case SYS_pwrite64:
		return written(call, with[1], result, with[3]);
	case SYS_writev:
		return written_in_parts(call, result, began(call, result));
	case SYS_pwritev:
	case SYS_pwritev2:
		return written_in_parts(call, result, with[3]);
	case SYS_ftruncate:
		return file_changed(call, 'T', with[1]);
	case SYS_fallocate:
		if (with[1] != 0)
			return refuse(call, with[0], "fallocate with a mode");
		return file_changed(call, 'A', with[2] + with[3]);
	case SYS_fsync:
	case SYS_fdatasync:
		return file_changed(call, 'S', 0);
#ifdef SYS_rename
	case SYS_rename:
		return renamed(call, AT_FDCWD, with[0], AT_FDCWD, with[1]);
	case SYS_unlink:
	case SYS_rmdir:
		return name_changed(call, 'U', AT_FDCWD, with[0]);
	case SYS_mkdir:
		return name_changed(call, 'M', AT_FDCWD, with[0]);
	case SYS_link:
	case SYS_symlink:
		return fail("links are not recorded");
#endif
#ifdef SYS_renameat
	case SYS_renameat:
#endif
	case SYS_renameat2:
		return renamed(call, with[0], with[1], with[2], with[3]);
	case SYS_unlinkat:
		return name_changed(call, 'U', with[0], with[1]);
	case SYS_mkdirat:
		return name_changed(call, 'M', with[0], with[1]);
	case SYS_linkat:
	case SYS_symlinkat:
		return fail("links are not recorded");
	case SYS_truncate:
		return fail("truncate by name is not recorded");
	case SYS_sync:
	case SYS_syncfs:
		return fail("a sync of everything hides which syncs are missing");
	case SYS_io_uring_setup:
		return fail("io_uring is not recorded");
	case SYS_copy_file_range:
	case SYS_splice:
		return refuse(call, with[2], "copying by the kernel");
	case SYS_sendfile:
		return refuse(call, with[0], "copying by the kernel");
	case SYS_mmap:
		if ((with[2] & PROT_WRITE) && (with[3] & MAP_TYPE) != MAP_PRIVATE)
			refuse(call, with[4], "writing through memory");
		return;
	default:
		return;
	}
}

static void stopped_at_call(pid_t thread)
{
	struct __ptrace_syscall_info about;
	struct call *call = call_of(thread);
	char path[PATH_MAX];
	uint64_t flags;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof about, &about) <= 0)
		fail("the system does not tell of its calls: %s", strerror(errno));
	if (about.op == PTRACE_SYSCALL_INFO_ENTRY) {
		struct stat found;
		call->number = about.entry.nr;
		memcpy(call->arguments, about.entry.args, sizeof call->arguments);
		call->was_there = opening(call, path, &flags) && lstat(path, &found) == 0;
	} else if (about.op == PTRACE_SYSCALL_INFO_EXIT && !about.exit.is_error) {
		returned(call, about.exit.rval);
	}
}

static pid_t start(char **program)
{
	pid_t child = fork();
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			fail("tracing is not allowed here: %s", strerror(errno));
		raise(SIGSTOP);
		execv(program[0], program);
		fail("%s does not start: %s", program[0], strerror(errno));
	}
	int status;
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		fail("%s does not start", program[0]);
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	if (ptrace(PTRACE_SETOPTIONS, child, NULL, options) != 0)
		fail("tracing is not allowed here: %s", strerror(errno));
	ptrace(PTRACE_SYSCALL, child, NULL, NULL);
	return child;
}

int main(int count, char **arguments)
{
	if (count < 4)
		fail("record LOG FOLDER PROGRAM [ARGUMENT]...");
	output = fopen(arguments[1], "ab");
	if (output == NULL)
		fail("%s: %s", arguments[1], strerror(errno));
	folder = arguments[2];
	pid_t child = start(arguments + 3), stopped;
	int status, code = 70;
	while ((stopped = waitpid(-1, &status, __WALL)) > 0) {
		int passed_on = 0;
		if (!WIFSTOPPED(status)) {
			if (stopped == child)
				code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			continue;
		}
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			stopped_at_call(stopped);
		else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP)
			passed_on = WSTOPSIG(status);
		ptrace(PTRACE_SYSCALL, stopped, NULL, passed_on);
	}
	if (fclose(output) != 0)
		fail("the log cannot be written: %s", strerror(errno));
	return code;
}
