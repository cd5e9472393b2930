package carbonops.testbed.is7;

/** A request that is answered with an error. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Answer answer;

    Refusal(int status, String code, String description) {
        super(code + ": " + description);
        answer = Answer.error(status, code, description);
    }

    private Refusal(int status) {
        super(String.valueOf(status));
        answer = Answer.empty(status);
    }

    static Refusal withoutBody(int status) {
        return new Refusal(status);
    }

    Answer answer() {
        return answer;
    }
}
