package carbonops.testbed.apim;

import java.io.IOException;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** GET /services/Version. */
final class VersionServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Answer.text(response, 200, "text/xml", "<ns:getVersionResponse xmlns:ns=\"http://version.services.core.carbon.wso2.org\">"
                + "<return>WSO2 API Manager-4.7.0</return></ns:getVersionResponse>");
    }
}
