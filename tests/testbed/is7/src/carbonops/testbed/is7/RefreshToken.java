package carbonops.testbed.is7;

/** What a refresh token stands for. */
final class RefreshToken {
    final String clientId;
    final String user;
    final String scope;
    final long expires;

    RefreshToken(String clientId, String user, String scope, long expires) {
        this.clientId = clientId;
        this.user = user;
        this.scope = scope;
        this.expires = expires;
    }
}
