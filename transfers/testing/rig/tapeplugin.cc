// Plug-in of the rig for an xrootd 5.x server, built when a server is started with eos=True:
// the stat flags, open errors and prepare semantics that EOS with CTA has.
//
// As stat library: the extended attribute user.tape.stub marks a stub, a file
// that is on tape only, and user.tape.copy a file with a tape copy. Both hold the
// size and mtime of the version they speak of, so that they mean nothing once a
// file is rewritten. A stub is flagged Offline and cannot be opened (ENODEV);
// a file with a tape copy is flagged BackUpExists.
//
// As prepare library: each request is handed to the tape library while the
// client waits, so that it can be refused, and no request is lost.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "XrdOfs/XrdOfsPrepare.hh"
#include "XrdOss/XrdOss.hh"
#include "XrdOss/XrdOssStatInfo.hh"
#include "XrdOuc/XrdOucBuffer.hh"
#include "XrdOuc/XrdOucErrInfo.hh"
#include "XrdOuc/XrdOucTList.hh"
#include "XrdSfs/XrdSfsFlags.hh"
#include "XrdSfs/XrdSfsInterface.hh"
#include "XrdVersion.hh"

namespace {

bool speaksOf(const char *path, const char *name, const struct stat &st)
{
    char found[64], wanted[64];
    ssize_t length = getxattr(path, name, found, sizeof found - 1);
    if (length < 0) return false;
    found[length] = 0;
    snprintf(wanted, sizeof wanted, "%lld %lld%09ld", (long long)st.st_size,
             (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    return !strcmp(found, wanted);
}

int tapeStat(const char *path, struct stat *st, int opts, XrdOucEnv *)
{
    if (stat(path, st)) return -1;
    if (!S_ISREG(st->st_mode)) return 0;
    bool stub = speaksOf(path, "user.tape.stub", *st);
    if (stub && opts & (XRDOSS_resonly | XRDOSS_preop)) {
        errno = opts & XRDOSS_preop ? ENODEV : ENOENT;
        return -1;
    }
    st->st_rdev = stub ? XRDSFS_OFFLINE : 0;
    if (stub || speaksOf(path, "user.tape.copy", *st)) st->st_rdev |= XRDSFS_HASBKUP;
    return 0;
}

// Sends the lines to the tape library; returns its answer, or "ERROR number text".
std::string ask(const std::string &lines, size_t count)
{
    const char *work = getenv("TAPE_RIG");
    std::ifstream address(std::string(work ? work : ".") + "/run/tapelib.addr");
    int port = 0;
    std::string token, answer;
    address >> port >> token;
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval limit{30, 0};
    std::string text = token + " " + std::to_string(count) + "\n" + lines;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    bool sent = !connect(fd, (sockaddr *)&to, sizeof to)
                && send(fd, text.data(), text.size(), MSG_NOSIGNAL) == (ssize_t)text.size();
    char buffer[65536];
    ssize_t got = 0;
    while (sent && (got = recv(fd, buffer, sizeof buffer, 0)) > 0) answer.append(buffer, got);
    close(fd);
    if (!sent) return "ERROR " + std::to_string(ECONNREFUSED) + " the tape library does not run";
    if (got < 0) return "ERROR " + std::to_string(ETIMEDOUT) + " the tape library does not answer";
    while (!answer.empty() && answer.back() == '\n') answer.pop_back();
    return answer;
}

class TapePrepare : public XrdOfsPrepare
{
public:
    int begin(XrdSfsPrep &args, XrdOucErrInfo &info, const XrdSecEntity *) override
    {
        if (args.opts & Prep_EVICT) return run("evict", args, info, false);
        if (args.opts & Prep_STAGE) return run("stage", args, info, false);
        info.setErrInfo(EINVAL, "Unable to prepare; neither stage nor evict is asked for");
        return SFS_ERROR;
    }
    int cancel(XrdSfsPrep &args, XrdOucErrInfo &info, const XrdSecEntity *) override
    {
        return run("cancel", args, info, false);
    }
    int query(XrdSfsPrep &args, XrdOucErrInfo &info, const XrdSecEntity *) override
    {
        return run("query", args, info, true);
    }

private:
    XrdOucBuffPool pool{4096, 1 << 22};

    int run(const char *verb, XrdSfsPrep &args, XrdOucErrInfo &info, bool data)
    {
        std::string lines = "-p\n" + std::to_string(args.opts & Prep_PMASK) + "\n--\n"
                            + args.reqid + "\n" + verb + "\n";
        size_t count = 5;
        XrdOucTList *behind = args.oinfo;  // the question mark of each path
        for (XrdOucTList *path = args.paths; path; path = path->next, ++count) {
            lines += path->text;
            if (behind && behind->text && *behind->text) lines += std::string("?") + behind->text;
            lines += "\n";
            if (behind) behind = behind->next;
        }
        std::string answer = ask(lines, count);
        if (!answer.compare(0, 6, "ERROR ")) {
            char *text = nullptr;
            int code = strtol(answer.c_str() + 6, &text, 10);
            info.setErrInfo(code, *text ? text + 1 : "tape library error");
            return SFS_ERROR;
        }
        if (!data) return SFS_OK;
        XrdOucBuffer *buffer = pool.Alloc(answer.size() + 1);
        if (!buffer) {
            info.setErrInfo(ENOMEM, "the answer of the tape library is too long");
            return SFS_ERROR;
        }
        memcpy(buffer->Buffer(), answer.data(), answer.size());
        buffer->SetLen(answer.size());
        info.setErrInfo(answer.size(), buffer);
        return SFS_DATA;
    }
};

}  // namespace

extern "C" {

XrdOssStatInfo_t XrdOssStatInfoInit(XrdOss *, XrdSysLogger *, const char *, const char *)
{
    return tapeStat;
}

XrdOfsPrepare *XrdOfsgetPrepare(XrdOfsgetPrepareArguments)
{
    (void)eDest, (void)confg, (void)parms, (void)theSfs, (void)theOss, (void)envP;
    return new TapePrepare;
}

}

XrdVERSIONINFO(XrdOssStatInfoInit, tapestat);
XrdVERSIONINFO(XrdOfsgetPrepare, tapeprepare);
