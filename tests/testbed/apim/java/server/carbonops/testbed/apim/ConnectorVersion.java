package carbonops.testbed.apim;

import java.util.Arrays;

/** The released connectors that differ in what they ask for or send, oldest first. */
enum ConnectorVersion {
    V2_0_2("2.0.2"),
    V2_0_3("2.0.3"),
    V2_0_4("2.0.4"),
    V2_0_8("2.0.8"),
    V2_1_3("2.1.3");

    private final String text;

    ConnectorVersion(String text) {
        this.text = text;
    }

    static ConnectorVersion of(Deployment deployment) {
        String wanted = deployment.text("testbed.connector", V2_1_3.text);
        return Arrays.stream(values())
                .filter(version -> version.text.equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("testbed.connector: no connector " + wanted));
    }

    boolean atLeast(ConnectorVersion other) {
        return compareTo(other) >= 0;
    }
}
