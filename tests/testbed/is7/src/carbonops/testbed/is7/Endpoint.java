package carbonops.testbed.is7;

/** Answers requests of one kind. */
@FunctionalInterface
interface Endpoint {
    Answer answer(Request request) throws Exception;
}
