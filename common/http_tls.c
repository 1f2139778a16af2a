// SPDX-License-Identifier: EUPL-1.2
#include "common/http_tls.h"

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

struct http_tls {
	SSL_CTX *context;
};

struct http_tls *
http_tls_open(const char *ca_file, struct why *why)
{
	struct http_tls *tls = calloc(1, sizeof *tls);

	if (tls == NULL)
		fatal("out of memory");
	tls->context = SSL_CTX_new(TLS_client_method());
	if (tls->context == NULL || SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION) != 1)
		fatal("openssl: no context");
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
	const int loaded = ca_file == NULL ? SSL_CTX_set_default_verify_paths(tls->context)
					   : SSL_CTX_load_verify_locations(tls->context, ca_file, NULL);

	ERR_clear_error();
	if (loaded == 1)
		return tls;
	why_set(why, "%s: no certificates of authorities can be read from it (PEM)",
		ca_file == NULL ? "the system's store" : ca_file);
	http_tls_close(&tls);
	return NULL;
}

void
http_tls_close(struct http_tls **tls)
{
	if (*tls == NULL)
		return;
	SSL_CTX_free((*tls)->context);
	free(*tls);
	*tls = NULL;
}

static bool
set_host(SSL *ssl, const struct url *url)
{
	if (url->number)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), url->host) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set_tlsext_host_name(ssl, url->host) == 1 && SSL_set1_host(ssl, url->host) == 1;
}

struct bufferevent *
http_tls_stream(const struct http_tls *tls, struct event_base *base, const struct url *url)
{
	SSL *ssl = SSL_new(tls->context);

	if (ssl == NULL || !set_host(ssl, url)) {
		SSL_free(ssl);
		return NULL;
	}
	struct bufferevent *stream = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_CONNECTING,
								    BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);

	if (stream == NULL)
		SSL_free(ssl);
	return stream;
}

void
http_tls_why(struct bufferevent *stream, struct why *why)
{
	SSL *ssl = bufferevent_openssl_get_ssl(stream);
	const long verified = SSL_get_verify_result(ssl);
	const unsigned long error = bufferevent_get_openssl_error(stream);
	const char *reason = ERR_reason_error_string(error);

	if (verified != X509_V_OK)
		why_set(why, "the certificate is not trusted: %s", X509_verify_cert_error_string(verified));
	else if (reason != NULL)
		why_set(why, "TLS failed: %s", reason);
	else
		why_set(why, "the connection was lost");
	ERR_clear_error();
}
