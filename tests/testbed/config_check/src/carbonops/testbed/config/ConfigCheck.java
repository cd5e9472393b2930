package carbonops.testbed.config;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import org.wso2.carbon.identity.core.util.IdentityUtil;

/**
 * Reads lines of tab-separated fields, a deployment.toml and then requests like "GET /scim2/Me", and answers each line with
 * one line of JSON: whether the server's configuration mapper accepts the file, and what it then decides on the requests.
 */
public final class ConfigCheck {
    private static final Gson GSON = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

    private ConfigCheck() {
    }

    /** Arguments: the folder with the configuration templates, and a folder for the server's home that is emptied each time. */
    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        // The libraries log to standard output, which belongs to the answers.
        System.setOut(System.err);
        ScratchHome home = new ScratchHome(Path.of(args[0]), Path.of(args[1]));
        answers.println(GSON.toJson(Map.of("plugin", jarOf(IdentityUtil.class))));

        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            answers.println(GSON.toJson(answer(home, line.split("\t"))));
        }
    }

    private static Map<String, Object> answer(ScratchHome home, String[] fields) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("file", fields[0]);
        try {
            home.render(Path.of(fields[0]));
            answer.put("decisions", home.decide(fields));
            answer.put("accepted", true);
        } catch (Throwable refusal) { // the mapper also fails with StackOverflowError
            answer.put("accepted", false);
            answer.put("error", describe(refusal));
        }
        return answer;
    }

    private static String describe(Throwable refusal) {
        StringBuilder text = new StringBuilder(refusal.toString());
        for (Throwable cause = refusal.getCause(); cause != null; cause = cause.getCause()) {
            text.append(": caused by ").append(cause);
        }
        return text.toString();
    }

    private static String jarOf(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()).getFileName().toString();
    }
}
